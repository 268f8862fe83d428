/** Where words go: results to stdout, notes, errors and waiting to stderr, so that stdout can be piped. */
import { styleText } from 'node:util';
import { printable } from './printable.ts';
import { startSpinner } from './spinner.ts';

export interface OutputStream {
  write(text: string): boolean;
  readonly isTTY?: boolean;
}

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  /** False for `--no-color`. */
  readonly color: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

export interface Output {
  readonly json: boolean;
  readonly strong: (text: string) => string;
  readonly dim: (text: string) => string;
  /** The result: the body itself for programs, words for people. A call without a body prints nothing as JSON. */
  result(body: unknown, words: () => string): void;
  /** A hint beside the result; silent for programs and with `--quiet`. */
  note(text: string): void;
  /** Beside the result, but what a person must do now: always shown. */
  tell(text: string): void;
  /** Something wrong that did not stop the command; always shown. */
  warn(text: string): void;
  /** Shows on a terminal that something is awaited. */
  waitFor<T>(label: string, work: Promise<T>): Promise<T>;
}

export function createOutput(options: OutputOptions): Output {
  const { json, quiet, stdout, stderr } = options;
  const colored = useColor(options, stdout);
  return {
    json,
    strong: (text) => (colored ? styleText('bold', text, { validateStream: false }) : text),
    dim: (text) => (colored ? styleText('dim', text, { validateStream: false }) : text),
    result: (body, words) => {
      if (!json) stdout.write(`${words()}\n`);
      else if (body !== null && body !== undefined) stdout.write(`${JSON.stringify(body)}\n`);
    },
    note: (text) => {
      if (!quiet && !json) stderr.write(`${text}\n`);
    },
    tell: (text) => {
      stderr.write(`${text}\n`);
    },
    warn: (text) => {
      stderr.write(`warning: ${text}\n`);
    },
    waitFor: async (label, work) => {
      if (quiet || stderr.isTTY !== true) return await work;
      const stop = startSpinner(stderr, printable(label));
      try {
        return await work;
      } finally {
        stop();
      }
    },
  };
}

/** Colour only on a terminal that shows it, and never against NO_COLOR (no-color.org: set and not empty). */
export function useColor(
  options: Pick<OutputOptions, 'color' | 'environment'>,
  stream: OutputStream,
): boolean {
  const { NO_COLOR: noColor = '', TERM: term } = options.environment;
  return options.color && noColor === '' && term !== 'dumb' && stream.isTTY === true;
}
