import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

describe('backoff', () => {
  test('starts at a second, doubles, and ends at a minute', () => {
    const middle = [0, 1, 2, 3, 4, 5, 6, 7].map((attempts) => backoffMs(attempts, 0.5));
    expect(middle).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  test('is spread by a fifth and never longer than that over a minute, however often it failed', () => {
    const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), randoms, (attempts, random) => {
        const delayMs = backoffMs(attempts, random);
        expect(Number.isInteger(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThanOrEqual(800);
        expect(delayMs).toBeLessThanOrEqual(72_000);
        expect(Math.abs(delayMs / backoffMs(attempts, 0.5) - 1)).toBeLessThanOrEqual(0.2001);
      }),
    );
  });
});
