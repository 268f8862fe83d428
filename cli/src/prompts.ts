/** Questions to a person; they go to stderr, and where nobody can answer the command fails at once. */
import { text as readAll } from 'node:stream/consumers';
import { exitCodes } from './exit-codes.ts';
import { Failure, usageFailure } from './failure.ts';

/** `otherwise` says how to give the answer where nobody can be asked. */
export async function askText(message: string, otherwise: string): Promise<string> {
  requireTerminal(otherwise);
  const { text } = await import('@clack/prompts');
  return answered(await text({ message, output: process.stderr }));
}

/** Asks without any echo: not even the length shows. */
export async function askPassword(message: string, otherwise: string): Promise<string> {
  requireTerminal(otherwise);
  const { password } = await import('@clack/prompts');
  return answered(await password({ message, mask: '', output: process.stderr }));
}

/** A new password, twice and without echo; faults when the two differ. */
export async function askNewPassword(message: string, otherwise: string): Promise<string> {
  const first = await askPassword(message, otherwise);
  if (first === '') return first;
  const second = await askPassword('The same again', otherwise);
  if (second !== first) throw usageFailure('the two new passwords differ. Nothing was done.');
  return first;
}

/** The value of the choice; the first is marked at the start. */
export async function askChoice(
  message: string,
  choices: readonly { readonly value: string; readonly label: string }[],
  otherwise: string,
): Promise<string> {
  requireTerminal(otherwise);
  const { select } = await import('@clack/prompts');
  return answered(await select({ message, options: [...choices], output: process.stderr }));
}

/** True where a person can be asked. */
export function hasTerminal(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** All of stdin without the line end that `echo` adds. */
export async function readPasswordFromStdin(): Promise<string> {
  const password = (await readAll(process.stdin)).replace(/\r?\n$/, '');
  if (password === '') throw usageFailure('standard input holds no password.');
  return password;
}

/** Two lines of stdin; a password holds no line end. */
export async function readTwoPasswordsFromStdin(): Promise<readonly [string, string]> {
  const [first = '', second = '', ...more] = (await readPasswordFromStdin()).split(/\r?\n/);
  if (first === '' || second === '' || more.length > 0) {
    throw usageFailure('standard input must hold two lines: the current password, and the new one.');
  }
  return [first, second];
}

/** Has the name typed again before something goes; `confirmed` is `--yes`. */
export async function confirmName(
  verb: 'delete' | 'deactivate',
  kind: string,
  name: string,
  confirmed: boolean,
): Promise<void> {
  if (confirmed) return;
  const typed = await askText(`Type ${name} to ${verb} this ${kind}`, 'Confirm with --yes.');
  if (typed.trim() !== name) throw usageFailure(`that is not '${name}'. Nothing was ${verb}d.`);
}

function requireTerminal(otherwise: string): void {
  if (hasTerminal()) return;
  throw usageFailure(`there is no terminal to ask on. ${otherwise}`);
}

function answered(answer: string | symbol | undefined): string {
  if (typeof answer === 'symbol') throw new Failure(exitCodes.interrupted, 'cancelled. Nothing was done.');
  return answer ?? '';
}
