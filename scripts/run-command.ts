import { spawn } from 'node:child_process';
import path from 'node:path';

export type CommandResult = { exitCode: number; output: string; durationMs: number };

export type CommandOptions = {
  cwd: string;
  env?: Record<string, string | undefined>;
  /** Past this the command is killed and counts as failed. */
  deadlineMs: number;
  /** `show` passes the output through as it comes; `keep` returns it. */
  output: 'show' | 'keep';
};

/**
 * Runs a program of node_modules/.bin, or of the machine, and never throws for its exit code.
 * `node` is the Node that runs this file, so that every step is on the version that the project pins.
 */
export function runCommand(command: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const [program = '', ...args] = command;
  const binFolder = path.join(options.cwd, 'node_modules', '.bin');
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const child = spawn(program === 'node' ? process.execPath : program, args, {
      cwd: options.cwd,
      env: {
        ...process.env,
        ...options.env,
        PATH: [path.dirname(process.execPath), binFolder, process.env.PATH].join(path.delimiter),
      },
      stdio: [
        'ignore',
        options.output === 'show' ? 'inherit' : 'pipe',
        options.output === 'show' ? 'inherit' : 'pipe',
      ],
    });
    let output = '';
    const keep = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    const deadline = setTimeout(() => {
      output += `\nkilled: no end after ${options.deadlineMs / 1000} s\n`;
      child.kill('SIGKILL');
    }, options.deadlineMs);
    const settle = (exitCode: number) => {
      clearTimeout(deadline);
      resolve({ exitCode, output, durationMs: performance.now() - startedAt });
    };
    child.on('error', (error) => {
      output += `${program}: ${error.message}\n`;
      settle(127);
    });
    child.on('close', (code) => settle(code ?? 1));
  });
}
