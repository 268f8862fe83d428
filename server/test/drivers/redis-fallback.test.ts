import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RateLimit } from '../../src/domain/rate-limit.ts';
import { openRedisBuckets, type RedisBuckets } from '../../src/drivers/redis/redis-buckets.ts';
import { openRedisConnection } from '../../src/drivers/redis/redis-connection.ts';
import { RateLimiter } from '../../src/operations/rate-limiter.ts';
import { type RedisServer, startRedisServer } from '../support/redis-server.ts';
import { requireComponent } from '../support/require-component.ts';
import { memoryLog } from '../support/test-log.ts';

const LIMIT: RateLimit = { perSecond: 1 / 60, burst: 5 };
const DEADLINE_MS = 10_000;
const LOST = 'the shared rate limits cannot be reached; each process limits by itself';
const BACK = 'the shared rate limits are back';

describe.skipIf(!requireComponent('redis-server'))('the limiter while Redis comes and goes', () => {
  let server: RedisServer;
  let shared: RedisBuckets;
  let log: ReturnType<typeof memoryLog>;
  let limiter: RateLimiter;
  beforeEach(async () => {
    server = await startRedisServer();
    shared = await openRedisBuckets(server);
    log = memoryLog();
    limiter = new RateLimiter({ shared, log });
  });
  afterEach(async () => {
    await shared?.close();
    await server?.end();
  });

  const messages = (): string[] => log.lines.map(({ message }) => message);

  /** Requests go on all the while, as in life: they are what tries Redis again. */
  async function requestUntilBack(): Promise<void> {
    const deadlineMs = performance.now() + DEADLINE_MS;
    for (let n = 0; limiter.health() === 'unhealthy'; n++) {
      if (performance.now() > deadlineMs) throw new Error(`still down: ${messages().join('; ')}`);
      await limiter.take(`other ${n}`, LIMIT);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async function countAllowed(key: string, requests: number): Promise<number> {
    let allowed = 0;
    for (let n = 0; n < requests; n++) if ((await limiter.take(key, LIMIT)).isAllowed) allowed++;
    return allowed;
  }

  test('stopped: requests go on, limited in the process, with one warning; then shared again', async () => {
    expect(await countAllowed('user', 3)).toBe(3);
    expect([limiter.health(), await limiter.check()]).toEqual(['healthy', 'healthy']);
    await server.stop();

    expect(await countAllowed('user', 50), 'a bucket of its own').toBe(LIMIT.burst);
    expect(limiter.take('user', LIMIT), 'at once, not as a promise').toMatchObject({ isAllowed: false });
    expect([limiter.health(), await limiter.check()]).toEqual(['unhealthy', 'unhealthy']);
    expect(messages()).toEqual([LOST]);
    expect(log.lines[0]?.fields).toMatchObject({ err: { code: 'redis.unusable' } });

    await server.start();
    await requestUntilBack();
    expect(await limiter.check()).toBe('healthy');
    expect(await shared.take('user', LIMIT), 'the server forgot').toMatchObject({ remaining: 4 });
    expect(await countAllowed('user', 50), 'the limiter asks the server').toBe(4);
    expect(messages()).toEqual([LOST, BACK]);
  });

  test('hung: no request waits once it is known, and an answer after it hangs no more', async () => {
    await countAllowed('user', 3);
    server.pause();
    const decisions = await Promise.all(Array.from({ length: 20 }, () => limiter.take('user', LIMIT)));
    expect(decisions.filter(({ isAllowed }) => isAllowed).length).toBe(LIMIT.burst);
    expect(messages()).toEqual([LOST]);
    expect(limiter.take('user', LIMIT)).not.toBeInstanceOf(Promise);
    expect(await limiter.check()).toBe('unhealthy');

    server.resume();
    await requestUntilBack();
    expect(messages()).toEqual([LOST, BACK]);
  });

  test('a check alone notices both, without any request', async () => {
    await server.stop();
    expect(await limiter.check()).toBe('unhealthy');
    expect(limiter.health()).toBe('unhealthy');
    await server.start();
    await expect.poll(() => limiter.check(), { timeout: DEADLINE_MS }).toBe('healthy');
    expect(messages()).toEqual([LOST, BACK]);
  });

  test('slow: an answer that no request would wait for does not count as back', async () => {
    const { redis, close } = await openRedisConnection(server.url);
    try {
      await redis.client('PAUSE', 1_200, 'ALL');
      expect(await limiter.take('user', LIMIT)).toMatchObject({ isAllowed: true });
      expect(await limiter.check(), 'the answer came, late').toBe('unhealthy');
      expect(messages()).toEqual([LOST]);
      await requestUntilBack();
      expect(messages()).toEqual([LOST, BACK]);
    } finally {
      await close();
    }
  });

  test('a process that stood still itself blames nobody', async () => {
    await countAllowed('user', 1);
    const decision = limiter.take('user', LIMIT);
    const untilMs = performance.now() + 600;
    while (performance.now() < untilMs);
    expect(await decision).toMatchObject({ isAllowed: true, remaining: 3 });
    expect(messages()).toEqual([]);
  });

  test('each outage has its warning', async () => {
    for (let outage = 0; outage < 2; outage++) {
      await server.stop();
      await countAllowed('user', 5);
      await server.start();
      await requestUntilBack();
    }
    expect(messages()).toEqual([LOST, BACK, LOST, BACK]);
  });

  test('a server that answers but does not decide is down, and is not taken for back', async () => {
    const full = await startRedisServer(['maxmemory 1', 'maxmemory-policy noeviction']);
    const buckets = await openRedisBuckets(full);
    try {
      await buckets.ping();
      const lines = memoryLog();
      const strict = new RateLimiter({ shared: buckets, log: lines });
      expect(await strict.take('user', LIMIT)).toMatchObject({ isAllowed: true, remaining: 4 });
      expect([await strict.check(), await strict.check()]).toEqual(['unhealthy', 'unhealthy']);
      expect(lines.lines.length).toBe(1);
      expect(String(Reflect.get(lines.lines[0]?.fields ?? {}, 'err'))).toContain('OOM');
    } finally {
      await buckets.close();
      await full.end();
    }
  });
});
