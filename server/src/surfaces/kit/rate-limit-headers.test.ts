import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { takeToken } from '../../domain/token-bucket.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';

const USER = { perSecond: 10, burst: 20 };
const LOGIN = { perSecond: 10 / 60, burst: 5 };
const NOW_MS = 1_700_000_000_250;

describe('the headers of a rate limit', () => {
  test('of a user who may', () => {
    const decision = { isAllowed: true, remaining: 7, fullInMs: 1_300, retryInMs: 0 };
    expect(rateLimitHeaders('user', USER, 10, decision, NOW_MS)).toEqual({
      'x-ratelimit-limit': '10',
      'x-ratelimit-remaining': '7',
      'x-ratelimit-reset': '1700000002',
      'ratelimit-policy': '"user";q=20;w=2',
      ratelimit: '"user";r=7;t=2',
    });
  });

  test('of a user who may not, with the wait, which is never 0', () => {
    const decision = { isAllowed: false, remaining: 0, fullInMs: 2_000, retryInMs: 40 };
    expect(rateLimitHeaders('user', USER, 10, decision, NOW_MS)).toEqual({
      'x-ratelimit-limit': '10',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': '1700000003',
      'ratelimit-policy': '"user";q=20;w=2',
      ratelimit: '"user";r=0;t=2',
      'retry-after': '1',
    });
  });

  test('of a sign-in: per minute, and the window is exact although the rate is a fraction', () => {
    const decision = { isAllowed: false, remaining: 0, fullInMs: 30_000, retryInMs: 5_001 };
    expect(rateLimitHeaders('login', LOGIN, 10, decision, NOW_MS)).toEqual({
      'x-ratelimit-limit': '10',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': '1700000031',
      'ratelimit-policy': '"login";q=5;w=30',
      ratelimit: '"login";r=0;t=30',
      'retry-after': '6',
    });
  });

  test('who waits as long as they are told is let in, and finds the bucket full when it was said to be', () => {
    const limits = fc.record({
      perSecond: fc.oneof(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 600 }).map((n) => n / 60),
      ),
      burst: fc.integer({ min: 1, max: 200 }),
    });
    fc.assert(
      fc.property(limits, fc.nat({ max: 2_000_000_000 }), (limit, nowMs) => {
        let taken = takeToken(undefined, limit, nowMs);
        while (taken.decision.isAllowed) taken = takeToken(taken.bucket, limit, nowMs);
        const headers = rateLimitHeaders('user', limit, limit.perSecond, taken.decision, nowMs);
        expect(Object.values(headers).every((value) => /^("user";[rq]=\d+;[tw]=)?[\d.]+$/.test(value))).toBe(
          true,
        );
        const waitMs = Number(headers['retry-after']) * 1_000;
        expect(takeToken(taken.bucket, limit, nowMs + waitMs).decision.isAllowed).toBe(true);
        const fullMs = Number(headers['x-ratelimit-reset']) * 1_000;
        expect(takeToken(taken.bucket, limit, fullMs + 1).decision.remaining).toBe(limit.burst - 1);
      }),
    );
  });
});
