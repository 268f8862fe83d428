import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { Fault } from '../../kernel/fault.ts';
import { COMMAND_ENV } from './command-env.ts';
import { findProcessStart } from './process-identity.ts';

export interface DetachedCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** As for `runCommand`. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly cwd?: string | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Stdout and stderr are appended to it; made readable to the owner alone. */
  readonly logFile: string;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface DetachedProcess {
  readonly pid: number;
  /** See `findProcessStart`. */
  readonly processStart: string | undefined;
  /** Never rejects. It does not keep our own process alive. */
  readonly exited: Promise<ProcessExit>;
}

/**
 * Starts a program that outlives us if need be: in its own session, so that Ctrl-C in a terminal does not
 * reach it, and with its output in a file instead of a pipe that would break when we die.
 * Faults: `command.not-found`, `command.failed` when it could not be started.
 */
export async function spawnDetached(command: DetachedCommand): Promise<DetachedProcess> {
  const log = await open(command.logFile, 'a', 0o600);
  try {
    return await spawnWithLog(command, log);
  } finally {
    await log.close();
  }
}

async function spawnWithLog(command: DetachedCommand, log: FileHandle): Promise<DetachedProcess> {
  const child = spawn(command.file, [...command.args], {
    cwd: command.cwd,
    env: { ...COMMAND_ENV, ...command.env },
    stdio: ['ignore', log.fd, log.fd],
    detached: true,
    shell: false,
    ...(command.uid === undefined ? {} : { uid: command.uid }),
    ...(command.gid === undefined ? {} : { gid: command.gid }),
  });
  // Listened to before anything is awaited: a program may end at once.
  const exited = new Promise<ProcessExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw startFault(command.file, error);
  }
  child.unref();
  const pid = child.pid;
  if (pid === undefined) throw startFault(command.file, undefined);
  return { pid, processStart: findProcessStart(pid), exited };
}

function startFault(file: string, error: unknown): Fault {
  const reason = (error as NodeJS.ErrnoException | undefined)?.code ?? 'no pid';
  const code = reason === 'ENOENT' ? 'command.not-found' : 'command.failed';
  return new Fault(code, `${basename(file)} could not be started: ${reason}`, { program: basename(file) });
}
