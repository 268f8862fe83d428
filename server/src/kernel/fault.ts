/**
 * A fault is an error that we understand. Its code says what happened, in domain words; each surface
 * gives it a status and a text in its own contract. Anything thrown that is no fault is a mistake of ours.
 */
export class Fault extends Error {
  readonly code: string;
  /** Values that a surface may show; never a secret. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, details: Record<string, unknown> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'Fault';
    this.code = code;
    this.details = details;
  }
}

/** True when `error` is a fault with this code. */
export function isFault(error: unknown, code: string): error is Fault {
  return error instanceof Fault && error.code === code;
}
