import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RateLimit } from './rate-limit.ts';
import { type Bucket, takeToken } from './token-bucket.ts';
import { TokenBuckets } from './token-buckets.ts';

const USER: RateLimit = { perSecond: 10, burst: 20 };

describe('token buckets', () => {
  test('each key has its own', () => {
    const buckets = new TokenBuckets();
    for (let n = 0; n < 20; n++) buckets.take('one', USER, 0);
    expect(buckets.take('one', USER, 0).isAllowed).toBe(false);
    expect(buckets.take('other', USER, 0)).toMatchObject({ isAllowed: true, remaining: 19 });
  });

  test('decide as the arithmetic of each bucket alone: the sweep changes no decision', () => {
    const limits = fc.constantFrom(USER, { perSecond: 1 / 6, burst: 5 }, { perSecond: 1_000, burst: 2 });
    const requests = fc.array(fc.tuple(fc.nat({ max: 9 }), limits, fc.nat({ max: 400 })), {
      minLength: 50,
      maxLength: 300,
    });
    fc.assert(
      fc.property(requests, (list) => {
        const buckets = new TokenBuckets();
        const alone = new Map<number, Bucket>();
        let nowMs = 0;
        for (const [key, limit, gapMs] of list) {
          nowMs += gapMs;
          const { bucket, decision } = takeToken(alone.get(key), limit, nowMs);
          alone.set(key, bucket);
          expect(buckets.take(`${key}`, limit, nowMs)).toEqual(decision);
        }
      }),
    );
  });

  test('buckets that are full again are forgotten while others are used', () => {
    const buckets = new TokenBuckets();
    for (let n = 0; n < 1_000; n++) buckets.take(`idle ${n}`, USER, 0);
    expect(buckets.size).toBe(1_000);
    for (let n = 0; n < 1_000; n++) buckets.take('busy', USER, 100 + n);
    expect(buckets.size).toBe(1);
  });

  test('one key after the other leaves only as many as have something to remember', () => {
    const buckets = new TokenBuckets();
    let most = 0;
    for (let n = 0; n < 50_000; n++) {
      buckets.take(`address ${n}`, USER, n);
      most = Math.max(most, buckets.size);
    }
    // Each is full again after 100 ms, at one new key per ms.
    expect(most).toBeLessThan(400);
  });

  test('a flood of new keys fills no memory, and a key in use is still limited', () => {
    const buckets = new TokenBuckets(1_000);
    for (let n = 0; n < 50_000; n++) {
      buckets.take(`address ${n}`, { perSecond: 1 / 60, burst: 5 }, 0);
      expect(buckets.size).toBeLessThanOrEqual(1_002);
    }
    for (let n = 0; n < 20; n++) buckets.take('one', USER, 0);
    expect(buckets.take('one', USER, 0).isAllowed).toBe(false);
  });
});
