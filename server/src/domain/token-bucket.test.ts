import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RateDecision, RateLimit } from './rate-limit.ts';
import { type Bucket, takeToken } from './token-bucket.ts';

const USER: RateLimit = { perSecond: 10, burst: 20 };
const LOGIN: RateLimit = { perSecond: 10 / 60, burst: 5 };

const limits = fc
  .tuple(
    fc.oneof(
      fc.integer({ min: 1, max: 10_000 }),
      fc.integer({ min: 1, max: 600 }).map((n) => n / 60),
    ),
    fc.integer({ min: 1, max: 100_000 }),
  )
  .map(([perSecond, burst]): RateLimit => ({ perSecond, burst }));
const starts = fc.double({ min: 0, max: 1e12, noNaN: true });

/** One bucket over time, as a store keeps it. */
function makeSubject(): (limit: RateLimit, nowMs: number) => RateDecision {
  let bucket: Bucket | undefined;
  return (limit, nowMs) => {
    const taken = takeToken(bucket, limit, nowMs);
    bucket = taken.bucket;
    return taken.decision;
  };
}

function countAllowed(limit: RateLimit, requestsPerSecond: number, durationMs: number): number {
  const take = makeSubject();
  let allowed = 0;
  for (let n = 0; (n * 1_000) / requestsPerSecond < durationMs; n++) {
    if (take(limit, (n * 1_000) / requestsPerSecond).isAllowed) allowed++;
  }
  return allowed;
}

describe('one token bucket', () => {
  test('starts full, gives its burst at once, and then says when the next token comes', () => {
    const take = makeSubject();
    const first = take(USER, 0);
    expect(first).toEqual({ isAllowed: true, remaining: 19, fullInMs: 100, retryInMs: 0 });
    const rest = Array.from({ length: 19 }, () => take(USER, 0));
    expect(rest.every(({ isAllowed }) => isAllowed)).toBe(true);
    expect(rest.at(-1)).toEqual({ isAllowed: true, remaining: 0, fullInMs: 2_000, retryInMs: 0 });
    expect(take(USER, 0)).toEqual({ isAllowed: false, remaining: 0, fullInMs: 2_000, retryInMs: 100 });
    expect(take(USER, 40)).toEqual({ isAllowed: false, remaining: 0, fullInMs: 1_960, retryInMs: 60 });
    expect(take(USER, 100)).toMatchObject({ isAllowed: true, remaining: 0 });
  });

  test('a rate per minute has no fraction of a millisecond too much', () => {
    const take = makeSubject();
    expect(take(LOGIN, 0)).toMatchObject({ remaining: 4, fullInMs: 6_000 });
    for (let n = 0; n < 4; n++) take(LOGIN, 0);
    expect(take(LOGIN, 0)).toEqual({ isAllowed: false, remaining: 0, fullInMs: 30_000, retryInMs: 6_000 });
  });

  test('at exactly the rate nothing is ever refused, even with a burst of one', () => {
    for (const limit of [USER, { perSecond: 100, burst: 200 }, { perSecond: 7, burst: 1 }]) {
      expect(countAllowed(limit, limit.perSecond, 60_000)).toBe(limit.perSecond * 60);
    }
  });

  test('over the rate it passes the burst and the rate, not more and not less', () => {
    expect(countAllowed(USER, 21, 60_000)).toBe(620 - 1);
    expect(countAllowed(USER, 10_000, 60_000)).toBe(620 - 1);
    expect(countAllowed(LOGIN, 1_000, 60_000)).toBe(15 - 1);
  });

  test('a refused request takes nothing: after the wait that it was told, one passes, and not before', () => {
    fc.assert(
      fc.property(limits, starts, fc.nat({ max: 50 }), (limit, startMs, refusals) => {
        const take = makeSubject();
        const single = { ...limit, burst: 1 };
        expect(take(single, startMs).isAllowed).toBe(true);
        const { retryInMs } = take(single, startMs);
        for (let n = 0; n < refusals; n++) {
          expect(take(single, startMs + ((retryInMs - 1) * n) / refusals).isAllowed).toBe(false);
        }
        expect(take(single, startMs + retryInMs + 0.001).isAllowed).toBe(true);
      }),
    );
  });

  test('no stream of requests gets more than the burst and what came back meanwhile', () => {
    const gaps = fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { maxLength: 200 });
    fc.assert(
      fc.property(limits, starts, gaps, (limit, startMs, gapsMs) => {
        const take = makeSubject();
        let nowMs = startMs;
        let allowed = 0;
        for (const gapMs of gapsMs) {
          nowMs += gapMs;
          const decision = take(limit, nowMs);
          if (decision.isAllowed) allowed++;
          expect(decision.remaining).toBeLessThan(limit.burst);
          expect(decision.retryInMs > 0).toBe(!decision.isAllowed);
          expect(decision.fullInMs).toBeGreaterThan(0);
          for (const value of Object.values(decision)) expect(Number(value) % 1).toBe(0);
        }
        const most = limit.burst + ((nowMs - startMs) * limit.perSecond) / 1_000;
        expect(allowed).toBeLessThanOrEqual(most + 1e-3);
      }),
    );
  });

  test('is full when it said so, and then there is no difference to a new one', () => {
    fc.assert(
      fc.property(limits, limits, starts, fc.integer({ min: 1, max: 300 }), (limit, later, startMs, uses) => {
        let bucket: Bucket | undefined;
        let fullInMs = 0;
        for (let n = 0; n < uses; n++) {
          const taken = takeToken(bucket, limit, startMs);
          bucket = taken.bucket;
          fullInMs = taken.decision.fullInMs;
        }
        const thenMs = startMs + fullInMs + 0.001;
        expect(takeToken(bucket, later, thenMs)).toEqual(takeToken(undefined, later, thenMs));
      }),
    );
  });

  test('a limit that changed holds from the next request', () => {
    const take = makeSubject();
    take(USER, 0);
    expect(take({ perSecond: 1, burst: 5 }, 0)).toMatchObject({ remaining: 4, fullInMs: 1_000 });
    expect(take(USER, 0), 'what a lower burst took away comes back with time').toMatchObject({
      remaining: 3,
      fullInMs: 1_700,
    });
    expect(take({ perSecond: 1_000, burst: 50 }, 10), 'the new rate refills').toMatchObject({
      remaining: 12,
    });
  });

  test('a lower limit, met while the bucket is empty, is not undone by the older promise', () => {
    const take = makeSubject();
    const fast = { perSecond: 1_000, burst: 20 };
    const slow = { perSecond: 1, burst: 20 };
    for (let n = 0; n < 20; n++) take(fast, 0);
    expect(take(slow, 0)).toMatchObject({ isAllowed: false, retryInMs: 1_000, fullInMs: 20_000 });
    expect(take(slow, 500)).toMatchObject({ isAllowed: false, retryInMs: 500 });
  });

  test('a clock that goes backwards refills nothing, and delays no token', () => {
    const take = makeSubject();
    for (let n = 0; n < 20; n++) take(USER, 1e9);
    expect(take(USER, 0)).toMatchObject({ isAllowed: false, retryInMs: 100, fullInMs: 2_000 });
    expect(take(USER, 100)).toMatchObject({ isAllowed: true });
  });
});
