/**
 * The main process of Postgres: found, launched, stopped. It is never our child in a way that matters: it
 * outlives a killed Backyard, and the next one takes it over as it would have taken over its own.
 */
import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../kernel/fault.ts';
import { findProcessStart, isProcessAlive, signalProcess } from '../command/process-identity.ts';
import { runCommand } from '../command/run-command.ts';
import { type ProcessExit, spawnDetached } from '../command/spawn-detached.ts';
import type { PostgresBinaries } from './binaries.ts';
import type { Layout } from './layout.ts';
import { poll } from './poll.ts';
import { HOST } from './port.ts';
import { asUser, type RunAs } from './run-as.ts';

export interface Postmaster {
  readonly pid: number;
  readonly processStart: string | undefined;
  /** True when it was already running. */
  readonly adopted: boolean;
  /** What the operating system says of its end; only for one that we launched. */
  readonly exited?: Promise<ProcessExit>;
}

/** Fast shutdown: clients are cut, everything is written. */
const FAST_SHUTDOWN_MS = 8_000;
/** Immediate shutdown: the next start recovers from the log. */
const IMMEDIATE_SHUTDOWN_MS = 1_000;
const KILL_MS = 5_000;
const MAX_LOG_BYTES = 16 * 1024 * 1024;
const LOG_TAIL_BYTES = 8_192;

export function isPostmasterAlive({ pid, processStart }: Postmaster): boolean {
  return isProcessAlive(pid, processStart);
}

/**
 * The running postmaster of the cluster, if there is one. A leftover postmaster.pid is not believed.
 * Fault `postgres.start-failed` while somebody repairs the cluster with a single-user Postgres.
 */
export async function findPostmaster({ clusterDir }: Layout): Promise<Postmaster | undefined> {
  const recorded = await readPidFile(clusterDir);
  // Single-user Postgres writes its pid negative.
  const pid = Math.abs(recorded);
  const processStart = findProcessStart(pid);
  if (!isProcessAlive(pid) || !(await isPostgresOf(pid, clusterDir))) return undefined;
  if (recorded > 0) return { pid, processStart, adopted: true };
  throw new Fault(
    'postgres.start-failed',
    `A single-user Postgres (pid ${pid}) works on ${clusterDir}. End it, then start Backyard again.`,
    { pid },
  );
}

/**
 * Clears what would keep a new postmaster from starting, given that none runs: backends that outlived
 * theirs in the middle of a long query, and a postmaster.pid whose number some other program now has.
 */
export async function clearRemains({ clusterDir }: Layout): Promise<void> {
  const gone = await poll(() => killOrphans(clusterDir), { timeoutMs: KILL_MS });
  if (!gone)
    throw new Fault('postgres.start-failed', `Old Postgres processes on ${clusterDir} cannot be ended.`);
  // A dead pid in it is no obstacle to Postgres, which checks more than we could. But it believes in one that
  // some other program has by now, and in a zombie, which stays where nobody reaps, as in many containers.
  const recorded = await readPidFile(clusterDir);
  if (!Number.isNaN(recorded) && signalProcess(Math.abs(recorded), 0)) {
    await rm(join(clusterDir, 'postmaster.pid'), { force: true });
  }
}

/** Starts the postmaster; it is not ready yet. `settings` go before everything in postgresql.conf. */
export async function launchPostmaster(
  layout: Layout,
  binaries: PostgresBinaries,
  runAs: RunAs,
  options: { port: number; settings: Readonly<Record<string, string>> },
): Promise<Postmaster> {
  await keepLogSmall(layout.logFile);
  const settings = { ...BOUND_SETTINGS, ...options.settings, port: String(options.port) };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = await spawnDetached({
    ...asUser(runAs, binaries.postgres, ['-D', layout.clusterDir, ...args]),
    cwd: '/',
    logFile: layout.logFile,
  });
  return { ...child, adopted: false };
}

/** Stops it, ever less politely, and is back within ten seconds, also when it hangs. */
export async function stopPostmaster(postmaster: Postmaster, { clusterDir }: Layout): Promise<void> {
  const steps = [
    ['SIGINT', FAST_SHUTDOWN_MS],
    ['SIGQUIT', IMMEDIATE_SHUTDOWN_MS],
    ['SIGKILL', KILL_MS],
  ] as const;
  for (const [signal, timeoutMs] of steps) {
    if (!isPostmasterAlive(postmaster)) break;
    signalProcess(postmaster.pid, signal);
    if (await poll(() => !isPostmasterAlive(postmaster), { timeoutMs })) break;
  }
  await poll(() => killOrphans(clusterDir), { timeoutMs: KILL_MS });
}

/** The last FATAL or PANIC line of Postgres' log, else its last line: why it did not start. */
export async function lastComplaint(logFile: string): Promise<string> {
  const handle = await open(logFile, 'r');
  try {
    const { size } = await handle.stat();
    const position = Math.max(0, size - LOG_TAIL_BYTES);
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(LOG_TAIL_BYTES),
      0,
      LOG_TAIL_BYTES,
      position,
    );
    const lines = buffer.subarray(0, bytesRead).toString('utf8').trimEnd().split('\n');
    return lines.findLast((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1) ?? '';
  } finally {
    await handle.close();
  }
}

/** Not for the operator to change: what Backyard's own safety and addresses rest on. */
const BOUND_SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: HOST,
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',
  // A failed statement may hold a password, as in CREATE ROLE; its text stays out of the log.
  log_min_error_statement: 'panic',
  // Our log is its stderr; its own collector would be one more process to lose.
  logging_collector: 'off',
};

/** NaN when there is no such file or no number in it. */
async function readPidFile(clusterDir: string): Promise<number> {
  const text = await readFile(join(clusterDir, 'postmaster.pid'), 'utf8').catch(ignoreAbsent);
  return Number.parseInt(text ?? '', 10);
}

async function isPostgresOf(pid: number, clusterDir: string): Promise<boolean> {
  if (process.platform === 'linux') return isPostgresIn(pid, realpathSync(clusterDir));
  const command = await runCommand({
    file: 'ps',
    args: ['-p', String(pid), '-o', 'command='],
    timeoutMs: 5_000,
    exitCodes: [0, 1],
  });
  return command.stdout.includes('postgres') && command.stdout.includes(clusterDir);
}

/** Postgres makes its cluster its working directory, and so do all its children: better than any argument. */
function isPostgresIn(pid: number, realClusterDir: string): boolean {
  try {
    return (
      readlinkSync(`/proc/${pid}/cwd`) === realClusterDir &&
      readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres'
    );
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // It ended meanwhile, or it is some other user's and so cannot be ours.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(code ?? '')) return false;
    throw error;
  }
}

/** True when none was left. Only Linux lets us look; elsewhere they end by themselves a little later. */
function killOrphans(clusterDir: string): boolean {
  if (process.platform !== 'linux') return true;
  // Somebody may have deleted it under a running Postgres.
  if (!existsSync(clusterDir)) return true;
  const realClusterDir = realpathSync(clusterDir);
  const pids = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
  const orphans = pids.filter((pid) => isPostgresIn(pid, realClusterDir) && isProcessAlive(pid));
  for (const pid of orphans) signalProcess(pid, 'SIGKILL');
  return orphans.length === 0;
}

async function keepLogSmall(logFile: string): Promise<void> {
  const found = await stat(logFile).catch(ignoreAbsent);
  if (found !== undefined && found.size > MAX_LOG_BYTES) await rename(logFile, `${logFile}.1`);
}

function ignoreAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
