/** A cluster of Postgres as Debian packages it, with pg_dump and pg_restore, which the embedded one lacks. */
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../../../src/drivers/command/run-command.ts';
import type { PostgresCluster } from '../../support/postgres-cluster.ts';
import { requireComponent } from '../../support/require-component.ts';

const ROOT = '/usr/lib/postgresql';
const PROGRAMS = ['initdb', 'pg_ctl', 'pg_dump', 'pg_restore'];
const TRIES = 3;
const TIMEOUT_MS = 60_000;

export const SUPERUSER_PASSWORD = 'Of-The-Superuser-Qk3v9Zt7';

/** Where the programs are; undefined where there are none, said aloud, an error in CI. */
export function debianPrograms(): string | undefined {
  const versions = existsSync(ROOT) ? readdirSync(ROOT) : [];
  const binDir = versions
    .map((version) => join(ROOT, version, 'bin'))
    .find((dir) => PROGRAMS.every((program) => existsSync(join(dir, program))));
  if (binDir !== undefined) return requireComponent('root', 'linux') ? binDir : undefined;
  if (requireComponent('root', 'linux', ...PROGRAMS)) console.warn(`SKIPPED: no Postgres under ${ROOT}`);
  return undefined;
}

/** Starts a throwaway cluster, as the user that the package made. */
export async function startDebianCluster(binDir: string): Promise<PostgresCluster> {
  const home = await mkdtemp(join(tmpdir(), 'backyard-test-debian-'));
  const cluster = join(home, 'cluster');
  const user = await systemUser();
  await chmod(home, 0o755);
  await mkdir(cluster);
  await chown(cluster, user.uid, user.gid);
  const passwordFile = join(home, 'password');
  await writeFile(passwordFile, SUPERUSER_PASSWORD);
  const asPostgres = { ...user, cwd: cluster, timeoutMs: TIMEOUT_MS };
  const init = ['-D', cluster, '-U', 'postgres', '-A', 'scram-sha-256', '-E', 'UTF8', '--no-sync'];
  await runCommand({
    ...asPostgres,
    file: join(binDir, 'initdb'),
    args: [...init, `--pwfile=${passwordFile}`],
  });
  const pgCtl = (...args: string[]) =>
    runCommand({ ...asPostgres, file: join(binDir, 'pg_ctl'), args: ['-D', cluster, ...args] });
  const port = await startOnFreePort((port) => {
    const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c max_prepared_transactions=5`;
    return pgCtl('-o', options, '-l', join(cluster, 'log'), '-w', 'start');
  });
  return {
    dsn: `postgresql://postgres:${SUPERUSER_PASSWORD}@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await pgCtl('-m', 'immediate', 'stop');
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Another program may take the port in between; then it starts on another one. */
async function startOnFreePort(start: (port: number) => Promise<unknown>): Promise<number> {
  for (let tries = 1; ; tries++) {
    const port = await freePort();
    try {
      await start(port);
      return port;
    } catch (error) {
      if (tries === TRIES) throw error;
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port'));
        else resolve(address.port);
      });
    });
  });
}

async function systemUser(): Promise<{ uid: number; gid: number }> {
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((one) => one.startsWith('postgres:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined) throw new Error('the package postgresql made no user postgres');
  return { uid: Number(uid), gid: Number(gid) };
}
