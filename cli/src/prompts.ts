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

/** All of stdin without the line end that `echo` adds. */
export async function readPasswordFromStdin(): Promise<string> {
  const password = (await readAll(process.stdin)).replace(/\r?\n$/, '');
  if (password === '') throw usageFailure('standard input holds no password.');
  return password;
}

/** Has the name typed again before something goes; `confirmed` is `--yes`. */
export async function confirmName(kind: string, name: string, confirmed: boolean): Promise<void> {
  if (confirmed) return;
  const typed = await askText(`Type ${name} to delete this ${kind}`, 'Confirm with --yes.');
  if (typed.trim() !== name) throw usageFailure(`that is not '${name}'. Nothing was deleted.`);
}

function requireTerminal(otherwise: string): void {
  if (process.stdin.isTTY === true && process.stderr.isTTY === true) return;
  throw usageFailure(`there is no terminal to ask on. ${otherwise}`);
}

function answered(answer: string | symbol | undefined): string {
  if (typeof answer === 'symbol') throw new Failure(exitCodes.interrupted, 'cancelled. Nothing was done.');
  return answer ?? '';
}
