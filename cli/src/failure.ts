import { type ExitCode, exitCodes } from './exit-codes.ts';

/** An expected end without success: `message` is a sentence for the person, saying what to do. */
export class Failure extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.name = 'Failure';
    this.exitCode = exitCode;
  }
}

export function usageFailure(message: string): Failure {
  return new Failure(exitCodes.usage, message);
}
