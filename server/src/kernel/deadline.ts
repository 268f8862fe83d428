import { Fault } from './fault.ts';

/**
 * Ends a wait after `timeoutMs`. The work itself is told through the signal; what does not listen is left
 * behind, never waited for.
 */
export async function withDeadline<T>(
  what: string,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = outer ? AbortSignal.any([timeout, outer]) : timeout;
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new Fault('deadline.exceeded', `${what} took longer than ${timeoutMs} ms`));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([work(signal), aborted]);
  } finally {
    if (abort) signal.removeEventListener('abort', abort);
  }
}
