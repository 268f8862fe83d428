/** A Postgres as Debian packages it: older than the embedded one, and an operator's to run. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, freshDirectory } from './product.ts';
import { runProgram } from './program.ts';

export interface DebianPostgres {
  /** The folder of `initdb` and `pg_ctl`. */
  readonly bin: string;
  /** Who runs it: Postgres refuses root. */
  readonly uid: number;
  readonly gid: number;
}

const ROOT = '/usr/lib/postgresql';

function idOf(flag: '-u' | '-g'): number {
  return Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', timeout: 5_000 }));
}

export interface OwnCluster {
  /** A superuser, database `postgres`. */
  readonly dsn: string;
  stop(): Promise<void>;
}

const PASSWORD = 'Of-The-Superuser-15';

/** Starts a cluster of its own in a folder of its own, as an operator would. */
export async function startDebianPostgres({ bin, uid, gid }: DebianPostgres): Promise<OwnCluster> {
  const home = freshDirectory();
  const dataDir = join(home, 'cluster');
  const passwordFile = join(home, 'password');
  const port = await freePort();
  // Postgres runs as another user, who has to pass.
  await chmod(home, 0o755);
  await mkdir(dataDir);
  await chown(dataDir, uid, gid);
  await writeFile(passwordFile, PASSWORD, { mode: 0o644 });
  const run = async (program: string, args: readonly string[]) => {
    const done = await runProgram(join(bin, program), args, { uid, gid, cwd: dataDir });
    if (done.code !== 0) throw new Error(`${program} ended with ${done.code}:\n${done.output}`);
  };
  await run('initdb', [
    '-D',
    dataDir,
    '-U',
    'postgres',
    '-A',
    'scram-sha-256',
    `--pwfile=${passwordFile}`,
    '--no-sync',
  ]);
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off`;
  await run('pg_ctl', ['-D', dataDir, '-o', options, '-l', join(dataDir, 'log'), '-w', 'start']);
  return {
    dsn: `postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`,
    stop: async () => {
      await run('pg_ctl', ['-D', dataDir, '-m', 'immediate', 'stop']);
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** `undefined` where there is none, said aloud; an error where components are required, as in CI. */
export function debianPostgres(): DebianPostgres | undefined {
  const versions = existsSync(ROOT) ? readdirSync(ROOT) : [];
  const bins = versions.map((version) => join(ROOT, version, 'bin'));
  const bin = bins.find((folder) => existsSync(join(folder, 'initdb')));
  if (bin !== undefined && process.getuid?.() === 0) return { bin, uid: idOf('-u'), gid: idOf('-g') };
  const sentence =
    'own-postgres: needs root and the Debian package postgresql (scripts/test-deps installs it)';
  if (process.env.BACKYARD_REQUIRE_COMPONENTS === '1') throw new Error(sentence);
  process.stderr.write(`SKIPPED ${sentence}\n`);
  return undefined;
}
