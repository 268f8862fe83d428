import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks until the answer is true; false when the deadline passed first.
 * Rejects with the signal's reason when called off.
 */
export async function poll(
  isTrue: () => boolean | Promise<boolean>,
  {
    timeoutMs,
    everyMs = 50,
    signal,
  }: { timeoutMs: number; everyMs?: number; signal?: AbortSignal | undefined },
): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    if (await isTrue()) return true;
    if (performance.now() >= deadline) return false;
    await delay(everyMs, undefined, signal === undefined ? {} : { signal });
  }
}
