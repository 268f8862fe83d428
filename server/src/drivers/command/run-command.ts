/**
 * The only place of the project (with its neighbour spawn-detached.ts) that starts processes. Plain
 * `node:child_process` instead of a library: what is needed is an argument array, a deadline, a limit and
 * a fault without secrets, and none of that comes ready-made.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { basename } from 'node:path';
import { Fault } from '../../kernel/fault.ts';
import { COMMAND_ENV } from './command-env.ts';

export interface Command {
  /** A program name, looked up on the PATH of `env`, or a path. */
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment of the program, added to a plain PATH and locale. Ours is never handed on. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Written to its standard input, which is then closed. The way to hand over a secret. */
  readonly input?: string | undefined;
  /** After this it gets SIGTERM, and two seconds later SIGKILL, with everything in its process group. */
  readonly timeoutMs: number;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly cwd?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Exit codes that are answers. Default: only 0. */
  readonly exitCodes?: readonly number[] | undefined;
  /** For stdout and stderr each. Default 10 MiB. */
  readonly maxOutputBytes?: number | undefined;
  /** Values that must not appear in a fault. */
  readonly redact?: readonly string[] | undefined;
}

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

const KILL_AFTER_MS = 2_000;
/** A program that leaves a daemon behind may never close its pipes. */
const CLOSE_AFTER_EXIT_MS = 1_000;
const MAX_OUTPUT_BYTES = 10 * 1024 * 1024;

/**
 * Runs a program to its end and answers its output.
 * Faults: `command.not-found`, `command.failed` (exit code or signal), `command.timeout`,
 * `command.aborted`, `command.output-limit`. Their text holds the program's name and its last line of
 * stderr, never its arguments.
 */
export async function runCommand(command: Command): Promise<CommandResult> {
  if (command.signal?.aborted) throw abortFault(command);
  const child = spawn(command.file, [...command.args], {
    cwd: command.cwd,
    env: { ...COMMAND_ENV, ...command.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    // Its own process group, so that a deadline also reaches the children of the program.
    detached: true,
    shell: false,
    ...(command.uid === undefined ? {} : { uid: command.uid }),
    ...(command.gid === undefined ? {} : { gid: command.gid }),
  });
  const run = new Run(command, child);
  return run.finished();
}

class Run {
  readonly #command: Command;
  readonly #child: ChildProcess;
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];
  #killTimer: NodeJS.Timeout | undefined;
  #closeTimer: NodeJS.Timeout | undefined;
  /** Why we ended it, when we did. */
  #ended: ((stderr: string) => Fault) | undefined;

  constructor(command: Command, child: ChildProcess) {
    this.#command = command;
    this.#child = child;
    this.#collect(child.stdout, this.#stdout);
    this.#collect(child.stderr, this.#stderr);
    child.stdin?.on('error', () => {
      // EPIPE: a program may end without reading its input. Its exit code tells whether that was wrong.
    });
    child.stdin?.end(command.input ?? '');
  }

  async finished(): Promise<CommandResult> {
    const { timeoutMs, signal } = this.#command;
    const deadline = setTimeout(() => {
      this.#end((stderr) => fault(this.#command, 'timeout', `did not end within ${timeoutMs} ms`, stderr));
    }, timeoutMs);
    const onAbort = (): void => this.#end(() => abortFault(this.#command));
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.#result();
    } finally {
      clearTimeout(deadline);
      clearTimeout(this.#killTimer);
      clearTimeout(this.#closeTimer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #result(): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      this.#child.once('error', (error: NodeJS.ErrnoException) => {
        if (this.#child.pid !== undefined) return;
        reject(startFault(this.#command, error));
      });
      this.#child.once('exit', () => {
        this.#closeTimer = setTimeout(() => this.#closePipes(), CLOSE_AFTER_EXIT_MS);
      });
      this.#child.once('close', (exitCode, killedBy) => {
        const stderr = Buffer.concat(this.#stderr).toString('utf8');
        if (this.#ended) return reject(this.#ended(stderr));
        if (exitCode !== null && (this.#command.exitCodes ?? [0]).includes(exitCode)) {
          return resolve({ stdout: Buffer.concat(this.#stdout).toString('utf8'), stderr, exitCode });
        }
        const how = exitCode === null ? `was ended by ${killedBy}` : `failed with exit code ${exitCode}`;
        reject(fault(this.#command, 'failed', how, stderr, { exitCode, signal: killedBy }));
      });
    });
  }

  #collect(stream: NodeJS.ReadableStream | null, chunks: Buffer[]): void {
    const limitBytes = this.#command.maxOutputBytes ?? MAX_OUTPUT_BYTES;
    let sizeBytes = 0;
    stream?.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes <= limitBytes) chunks.push(chunk);
      else
        this.#end((stderr) => fault(this.#command, 'output-limit', `wrote over ${limitBytes} bytes`, stderr));
    });
  }

  #end(why: (stderr: string) => Fault): void {
    if (this.#ended) return;
    this.#ended = why;
    this.#signalGroup('SIGTERM');
    this.#killTimer = setTimeout(() => this.#signalGroup('SIGKILL'), KILL_AFTER_MS);
  }

  #signalGroup(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') this.#child.kill(signal);
    }
  }

  #closePipes(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }
}

function abortFault(command: Command): Fault {
  return fault(command, 'aborted', 'was called off', '');
}

function startFault(command: Command, error: NodeJS.ErrnoException): Fault {
  if (error.code !== 'ENOENT') return fault(command, 'failed', `could not be started: ${error.code}`, '');
  return fault(command, 'not-found', 'was not found', '');
}

function fault(
  command: Command,
  code: string,
  what: string,
  stderr: string,
  details: Record<string, unknown> = {},
): Fault {
  const program = basename(command.file);
  const lastLine = stderr.trimEnd().split('\n').at(-1)?.trim() ?? '';
  const text = lastLine === '' ? `${program} ${what}` : `${program} ${what}: ${lastLine}`;
  return new Fault(`command.${code}`, redact(text, command.redact ?? []), { program, ...details });
}

/** `text` with every secret in it replaced; empty secrets are ignored. */
function redact(text: string, secrets: readonly string[]): string {
  // The longest first: a secret may be part of another one.
  const ordered = secrets.filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
  return ordered.reduce((left, secret) => left.replaceAll(secret, '[redacted]'), text);
}
