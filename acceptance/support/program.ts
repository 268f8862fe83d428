import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The top folder of the project, which holds package.json. */
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** The Node that `npm start` runs the product on. */
export const node = join(projectRoot, 'node_modules', '.bin', 'node');

export interface Finished {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order in which they came. */
  readonly output: string;
}

export interface ProgramOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly stdin?: string;
  readonly timeoutMs?: number;
  /** Runs as another user. */
  readonly uid?: number;
  readonly gid?: number;
}

/** Runs a program to its end. Rejects only when it cannot be started or is not done after `timeoutMs` (60 s). */
export function runProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<Finished> {
  const { timeoutMs = 60_000, cwd, uid, gid } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, uid, gid, env: options.env ?? process.env });
    const text = { stdout: '', stderr: '', output: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        text[name] += chunk;
        text.output += chunk;
      });
    }
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${file} was not done after ${timeoutMs} ms:\n${text.output}`));
    }, timeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, ...text });
    });
    // A program that ends without reading its input is no fault of the test.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.stdin ?? '');
  });
}

/** True when the machine has a program of this name. */
export function hasProgram(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
}

/**
 * Says whether the suite can run. Missing programs are told once, aloud; where components are required
 * (`BACKYARD_REQUIRE_COMPONENTS=1`, as in CI) they are an error instead.
 */
export function canRunWith(suite: string, ...programs: readonly string[]): boolean {
  const missing = programs.filter((name) => !hasProgram(name));
  if (missing.length === 0) return true;
  const sentence = `${suite}: needs ${missing.join(', ')}, not found on this machine (scripts/test-deps installs it)`;
  if (process.env.BACKYARD_REQUIRE_COMPONENTS === '1') throw new Error(sentence);
  process.stderr.write(`SKIPPED ${sentence}\n`);
  return false;
}
