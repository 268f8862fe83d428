/**
 * The embedded Postgres of `npm start`: from an empty directory, or from whatever a crash has left there,
 * to a Postgres that accepts our login and is started again when it dies.
 * The caller holds the lock of the data directory: two of these on one directory would fight.
 */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Fault, isFault } from '../../kernel/fault.ts';
import { runCommand } from '../command/run-command.ts';
import { getPostgresBinaries, type PostgresBinaries } from './binaries.ts';
import {
  createCluster,
  deleteLeftovers,
  fixOwner,
  hasCluster,
  requireSameMajor,
  SUPERUSER,
} from './cluster.ts';
import { findConnection, newPassword, type PostgresConnection, writeConnection } from './connection-file.ts';
import { type Layout, layoutOf } from './layout.ts';
import type { Log } from './log.ts';
import { waitForLogin } from './login.ts';
import { chooseFreePort, HOST, requireFreePort } from './port.ts';
import {
  clearRemains,
  findPostmaster,
  isPostmasterAlive,
  lastComplaint,
  launchPostmaster,
  type Postmaster,
  stopPostmaster,
} from './postmaster.ts';
import { asUser, chooseRunAs, type RunAs } from './run-as.ts';
import { supervise } from './supervise.ts';

export interface EmbeddedPostgresOptions {
  readonly dataDir: string;
  /** Taken at the very first start when it is free; 0 means any. Later the stored port rules. */
  readonly preferredPort?: number | undefined;
  /** `none` is for tests: a power cut would cost data. */
  readonly durability?: 'full' | 'none' | undefined;
  readonly log: Log;
  /** Calls off the start; what was started by then is stopped. */
  readonly signal?: AbortSignal | undefined;
}

export interface EmbeddedPostgres {
  /** Superuser, database `postgres`. Holds the password. */
  readonly dsn: string;
  readonly host: string;
  readonly port: number;
  /** True when a postmaster left by an earlier Backyard was taken over; its clients noticed nothing. */
  readonly adopted: boolean;
  /** Pid of the postmaster that runs now; another one after a crash. */
  pid(): number;
  /** Stops it within ten seconds, with everything written if it can be. Repeating does nothing. */
  stop(): Promise<void>;
}

interface Installation {
  readonly layout: Layout;
  readonly binaries: PostgresBinaries;
  readonly runAs: RunAs;
  readonly connection: PostgresConnection;
  readonly settings: Readonly<Record<string, string>>;
  /** Made just now: nobody was told of its port yet. */
  readonly isNew: boolean;
  readonly log: Log;
}

const READY_MS = 30_000;
const PORT_ATTEMPTS = 3;
const ADOPTED_READY_MS = 5_000;
const STARTING_LOG_MS = 10_000;
const UNSAFE_SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * Starts the cluster in `<dataDir>/postgres`, making it first if need be, and answers when a login works.
 * Faults: `config.postgres-*` for what a person has to put right, `postgres.start-failed` with the
 * reason from `<dataDir>/postgres.log`.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { installation, postmaster: first } = await bringUpAnywhere(await prepare(options), options.signal);
  const { connection, log } = installation;
  const supervised = supervise(first, (signal) => bringUp(installation, signal), log);
  async function stop(): Promise<void> {
    await supervised.end();
    await stopPostmaster(supervised.current(), installation.layout);
    log.info({ port: connection.port }, 'Postgres has stopped');
  }
  let stopping: Promise<void> | undefined;
  return {
    dsn: dsnOf(connection),
    host: HOST,
    port: connection.port,
    adopted: first.adopted,
    pid: () => supervised.current().pid,
    // Once: a later call must not touch what a successor may have started on the same directory.
    stop: () => (stopping ??= stop()),
  };
}

/** Everything up to a complete cluster on the disk. */
async function prepare(options: EmbeddedPostgresOptions): Promise<Installation> {
  const layout = layoutOf(resolve(options.dataDir));
  const sync = options.durability !== 'none';
  const { log, signal } = options;
  const isRoot = process.getuid?.() === 0;
  // Root's Postgres runs as another user, who has to pass; what is inside stays closed file by file.
  await mkdir(layout.dataDir, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
  const exists = await hasCluster(layout);
  await deleteLeftovers(layout, log);
  const binaries = await getPostgresBinaries();
  const runAs = await chooseRunAs(layout.clusterDir, [binaries.postgres], log);
  const version = await readVersion(binaries, runAs);
  let connection = await getConnection(layout, exists, options.preferredPort);
  if (exists) {
    await requireSameMajor(layout, version);
    await fixOwner(layout, runAs);
  } else {
    log.info({ dir: layout.clusterDir }, 'Creating the embedded Postgres; this happens once');
    await createCluster(layout, binaries, runAs, { password: connection.password, sync, signal });
    // Making the cluster takes a while, and nobody was told of the port yet: another start may have it now.
    connection = { ...connection, port: await chooseFreePort(connection.port) };
    await writeConnection(layout.connectionFile, connection);
  }
  return { layout, binaries, runAs, connection, settings: sync ? {} : UNSAFE_SETTINGS, isNew: !exists, log };
}

/**
 * As `bringUp`; a new cluster takes another port when somebody took the chosen one at the last moment, such as
 * another Backyard that starts for the first time too.
 */
async function bringUpAnywhere(
  made: Installation,
  signal: AbortSignal | undefined,
): Promise<{ readonly installation: Installation; readonly postmaster: Postmaster }> {
  let installation = made;
  for (let attempt = 1; ; attempt++) {
    try {
      return { installation, postmaster: await bringUp(installation, signal) };
    } catch (error) {
      if (!installation.isNew || attempt === PORT_ATTEMPTS || !isLostPort(error)) throw error;
      const connection = { ...installation.connection, port: await chooseFreePort(0) };
      await writeConnection(installation.layout.connectionFile, connection);
      installation = { ...installation, connection };
    }
  }
}

/** The port is taken, or somebody else's Postgres answers there, or ours says that it could not listen. */
function isLostPort(error: unknown): boolean {
  if (isFault(error, 'config.postgres-port-taken') || isFault(error, 'config.postgres-password')) return true;
  return (
    isFault(error, 'postgres.start-failed') && /TCP\/IP socket|Address already in use/.test(error.message)
  );
}

/** Adopts the running postmaster or launches one, and waits for a login. */
async function bringUp(installation: Installation, signal: AbortSignal | undefined): Promise<Postmaster> {
  const running = await findPostmaster(installation.layout);
  if (running !== undefined && (await adopt(installation, running, signal))) return running;
  const { layout, binaries, runAs, connection, settings, log } = installation;
  await clearRemains(layout);
  await requireFreePort(connection.port, layout.connectionFile);
  signal?.throwIfAborted();
  const launched = await launchPostmaster(layout, binaries, runAs, { port: connection.port, settings });
  try {
    const answer = await awaitLogin(installation, launched, READY_MS, signal);
    if (answer !== 'ready') throw await startFault(layout, answer);
  } catch (error) {
    await stopPostmaster(launched, layout);
    throw error;
  }
  log.info({ pid: launched.pid, port: connection.port }, `Postgres is ready on ${HOST}:${connection.port}`);
  return launched;
}

/** False when it did not answer and is stopped now. */
async function adopt(
  installation: Installation,
  running: Postmaster,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { layout, connection, log } = installation;
  const { pid } = running;
  const answer = await awaitLogin(installation, running, ADOPTED_READY_MS, signal);
  if (answer === 'ready') {
    log.info(
      { pid, port: connection.port },
      `Took over the Postgres that already runs on ${HOST}:${connection.port}`,
    );
    return true;
  }
  log.warn({ pid }, 'A Postgres left by an earlier start does not answer; stopping it and starting again');
  await stopPostmaster(running, layout);
  return false;
}

function awaitLogin(
  { connection, log }: Installation,
  postmaster: Postmaster,
  silentForMs: number,
  signal: AbortSignal | undefined,
): Promise<'ready' | 'silent' | 'gone'> {
  let loggedAtMs = performance.now();
  return waitForLogin(dsnOf(connection), {
    silentForMs,
    isAlive: () => isPostmasterAlive(postmaster),
    onStarting: () => {
      if (performance.now() - loggedAtMs < STARTING_LOG_MS) return;
      loggedAtMs = performance.now();
      log.info({ pid: postmaster.pid }, 'Postgres is still starting up, as it does after a crash');
    },
    signal,
  });
}

async function getConnection(
  { connectionFile, clusterDir }: Layout,
  clusterExists: boolean,
  preferredPort: number | undefined,
): Promise<PostgresConnection> {
  const kept = await findConnection(connectionFile);
  if (kept !== undefined && clusterExists) return kept;
  if (clusterExists) {
    throw new Fault(
      'config.postgres-connection-file',
      `${connectionFile} is gone, and with it the password of the Postgres in ${clusterDir}. Bring it back from a ` +
        'backup, or write it anew: {"port": …, "password": "…"}.',
    );
  }
  // No cluster yet, so nobody knows the port yet: an interrupted first start may choose again.
  const port = await chooseFreePort(kept?.port ?? preferredPort);
  const connection = { port, password: kept?.password ?? newPassword() };
  await writeConnection(connectionFile, connection);
  return connection;
}

/** Also the proof that the chosen user can run the binaries at all. */
async function readVersion({ postgres }: PostgresBinaries, runAs: RunAs): Promise<string> {
  try {
    const command = asUser(runAs, postgres, ['--version']);
    return (await runCommand({ ...command, cwd: '/', timeoutMs: 10_000 })).stdout.trim();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const way = runAs.readAnything ? ' with the capability dac_read_search, by setpriv of util-linux' : '';
    throw new Fault(
      'config.postgres-user',
      `The embedded Postgres cannot be run as ${runAs.user?.name ?? 'this user'}${way}: ${error.message}. Put ` +
        'Backyard and its data directory where every user may enter, start it as another user than root, or set ' +
        'DATABASE_URL to a Postgres of your own.',
      {},
      error,
    );
  }
}

async function startFault({ logFile }: Layout, answer: 'silent' | 'gone'): Promise<Fault> {
  const what =
    answer === 'gone' ? 'ended while it started' : `did not accept a login within ${READY_MS / 1000} s`;
  const complaint = await lastComplaint(logFile);
  return new Fault('postgres.start-failed', `Postgres ${what}: ${complaint} (more in ${logFile})`, {
    logFile,
  });
}

function dsnOf({ port, password }: PostgresConnection): string {
  return `postgres://${SUPERUSER}:${encodeURIComponent(password)}@${HOST}:${port}/postgres`;
}
