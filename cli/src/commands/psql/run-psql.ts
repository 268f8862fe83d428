import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { exitCodes } from '../../exit-codes.ts';
import { Failure } from '../../failure.ts';
import type { Signals, WatchedSignal } from './signals.ts';

export interface PsqlRun {
  /** Without password: it would show in the list of processes. */
  readonly uri: string;
  /** Absent: psql finds it in PGPASSWORD or `~/.pgpass`, or asks. */
  readonly password?: string;
  readonly psqlArguments: readonly string[];
  readonly signals: Signals;
}

/** Faults with a sentence on what to install when there is no psql on PATH. */
export async function requirePsql(): Promise<void> {
  // Not `timeout`: its timer outlives a program that is not there, and the process waits for it.
  const signal = AbortSignal.timeout(10_000);
  await exitOf(spawn('psql', ['--version'], { stdio: 'ignore', signal }));
}

/** Runs psql on this terminal to its end and gives its exit code, 128 + n when signal n ended it. */
export async function runPsql(run: PsqlRun): Promise<number> {
  const password = run.password === undefined ? {} : { PGPASSWORD: run.password };
  const child = spawn('psql', ['--dbname', run.uri, ...run.psqlArguments], {
    stdio: 'inherit',
    env: { ...process.env, ...password },
  });
  const stop = run.signals.listen((signal) => passOn(child, signal));
  try {
    return await exitOf(child);
  } finally {
    stop();
  }
}

/** A terminal sends Ctrl-C to psql as well, which cancels a query with it: a second one would be too many. */
function passOn(child: ChildProcess, signal: WatchedSignal): void {
  if (signal === 'SIGINT' && process.stdin.isTTY === true) return;
  child.kill(signal);
}

async function exitOf(child: ChildProcess): Promise<number> {
  try {
    const [code, signal]: (number | NodeJS.Signals | null)[] = await once(child, 'close');
    if (typeof code === 'number') return code;
    return typeof signal === 'string' ? 128 + constants.signals[signal] : exitCodes.failed;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw noPsql();
    throw error;
  }
}

function noPsql(): Failure {
  return new Failure(
    exitCodes.failed,
    'psql is not installed, or not on PATH. Install the PostgreSQL client ' +
      '(Debian and Ubuntu: apt install postgresql-client; macOS: brew install libpq), or use any other ' +
      'client with the connection string of `backyard pgusers create`.',
  );
}
