import { describe, expect, test } from 'vitest';
import { RateLimiter } from './rate-limiter.ts';

const quiet = {
  info: (_fields: object, message: string) => expect.unreachable(message),
  warn: (_fields: object, message: string) => expect.unreachable(message),
};

// With shared buckets: server/test/drivers/redis-fallback.test.ts, on a real server.
describe('the rate limiter of one process', () => {
  test('decides at once, without a promise', () => {
    const limiter = new RateLimiter({ log: quiet });
    const limit = { perSecond: 1 / 3_600, burst: 20 };
    const decisions = Array.from({ length: 21 }, () => limiter.take('user', limit));
    expect(decisions.map((decision) => 'isAllowed' in decision && decision.isAllowed)).toEqual([
      ...Array.from({ length: 20 }, () => true),
      false,
    ]);
  });

  test('says that nothing is shared, whether asked for what it knows or to look', async () => {
    const limiter = new RateLimiter({ log: quiet });
    expect(limiter.health()).toBe('not_configured');
    expect(await limiter.check()).toBe('not_configured');
  });
});
