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

/** The server's own "no": beside the words also what a command may decide by. */
export class Refusal extends Failure {
  readonly status: number;
  /** `error` of the answer: a text, or a word of RFC 8628 while a code waits for its approval. */
  readonly reason: string | undefined;

  constructor(exitCode: ExitCode, message: string, answer: { status: number; reason: string | undefined }) {
    super(exitCode, message);
    this.name = 'Refusal';
    this.status = answer.status;
    this.reason = answer.reason;
  }
}

export function usageFailure(message: string): Failure {
  return new Failure(exitCodes.usage, message);
}
