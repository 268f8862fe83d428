import { CommanderError } from 'commander';
import { openOutput } from './context.ts';
import { exitCodes } from './exit-codes.ts';
import { Failure, usageFailure } from './failure.ts';
import { inNewSpelling } from './old-spelling.ts';
import { createProgram } from './program.ts';

/** Runs one command line (without `node` and the script) and leaves its exit code in `process.exitCode`. */
export async function run(words: readonly string[]): Promise<void> {
  const { before, after } = splitAtDashes(words);
  const { words: spelled, hint } = inNewSpelling(before);
  const program = createProgram(after);
  program.hook('preAction', (_program, command) => {
    if (after.length > 0 && command.name() !== 'psql') {
      throw usageFailure(`only psql takes arguments after --: ${after.join(' ')}`);
    }
    if (hint !== undefined) openOutput(command).note(hint);
  });
  try {
    await program.parseAsync(spelled, { from: 'user' });
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Split by hand: commander would read psql's options after `--` as its own. */
export function splitAtDashes(words: readonly string[]): { before: string[]; after: string[] } {
  const at = words.indexOf('--');
  if (at === -1) return { before: [...words], after: [] };
  return { before: words.slice(0, at), after: words.slice(at + 1) };
}

/** Tells the person what went wrong, in one sentence where it was foreseen, and gives the exit code. */
function report(error: unknown): number {
  // Commander has printed its own message already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof Failure) {
    process.stderr.write(`error: ${error.message}\n`);
    return error.exitCode;
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`error: unexpected, please report it: ${trace}\n`);
  return exitCodes.failed;
}
