import { describe, expect, test } from 'vitest';
import { withDeadline } from './deadline.ts';

/** Ends only when it is told to, and says so. */
function untilAborted(seen: { aborted: boolean }): (signal: AbortSignal) => Promise<never> {
  return (signal) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        seen.aborted = true;
        reject(new Error('told to stop'));
      });
    });
}

describe('withDeadline', () => {
  test('hands on the answer, and the error, of work that is in time', async () => {
    expect(await withDeadline('it', 5_000, async () => 42)).toBe(42);
    await expect(
      withDeadline('it', 5_000, async () => {
        throw new RangeError('its own');
      }),
    ).rejects.toThrow(new RangeError('its own'));
  });

  test('faults after the time, naming what took too long, and tells the work', async () => {
    const seen = { aborted: false };
    await expect(withDeadline('the answer', 10, untilAborted(seen))).rejects.toMatchObject({
      code: 'deadline.exceeded',
      message: 'the answer took longer than 10 ms',
    });
    expect(seen.aborted).toBe(true);
  });

  test('does not wait for work that does not listen', async () => {
    const deaf = Promise.withResolvers<void>();
    await expect(withDeadline('it', 10, () => deaf.promise)).rejects.toMatchObject({
      code: 'deadline.exceeded',
    });
    deaf.resolve();
  });

  test('a signal from outside ends it too, also one that was there before', async () => {
    const outer = new AbortController();
    const seen = { aborted: false };
    const waiting = withDeadline('it', 60_000, untilAborted(seen), outer.signal);
    outer.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'deadline.exceeded' });
    expect(seen.aborted).toBe(true);
    await expect(withDeadline('it', 60_000, () => new Promise(() => {}), outer.signal)).rejects.toMatchObject(
      { code: 'deadline.exceeded' },
    );
  });
});
