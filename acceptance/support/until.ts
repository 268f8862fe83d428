import { setTimeout as pause } from 'node:timers/promises';

export interface UntilOptions {
  /** Stands in the error when the deadline passes. */
  readonly what: string;
  readonly timeoutMs?: number;
  readonly everyMs?: number;
}

/**
 * Asks `look` again and again until it answers something other than `undefined` or `false`, and returns that.
 * Throws after `timeoutMs` (15 s), naming `what`; an error of `look` counts as "not yet" and is shown then.
 */
export async function until<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
  options: UntilOptions,
): Promise<T> {
  const { what, timeoutMs = 15_000, everyMs = 50 } = options;
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(
        `not within ${timeoutMs} ms: ${what}`,
        last === undefined ? undefined : { cause: last },
      );
    }
    await pause(everyMs);
  }
}
