import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RateDecision, RateLimit } from '../../src/domain/rate-limit.ts';
import { openRedisBuckets, type RedisBuckets } from '../../src/drivers/redis/redis-buckets.ts';
import { openRedisConnection, type RedisConnection } from '../../src/drivers/redis/redis-connection.ts';
import { RateLimiter } from '../../src/operations/rate-limiter.ts';
import { type RedisServer, startRedisServer } from '../support/redis-server.ts';
import { requireComponent } from '../support/require-component.ts';
import { memoryLog } from '../support/test-log.ts';

interface Buckets {
  take(key: string, limit: RateLimit): RateDecision | Promise<RateDecision>;
}

const SLOW: RateLimit = { perSecond: 1 / 60, burst: 3 };
const FAST: RateLimit = { perSecond: 50, burst: 5 };
const DEADLINE_MS = 5_000;

/** Takes until one is refused; at these rates a few more than the burst come back meanwhile. */
async function takeAll(buckets: Buckets, key: string, limit: RateLimit): Promise<RateDecision[]> {
  const decisions: RateDecision[] = [];
  while (decisions.length < 3 * limit.burst) {
    const decision = await buckets.take(key, limit);
    decisions.push(decision);
    if (!decision.isAllowed) return decisions;
  }
  throw new Error(`${key}: none of ${decisions.length} requests was refused`);
}

/** Time itself is what these tests are about: no condition could be waited for instead. */
async function passTime(timeMs: number): Promise<void> {
  const untilMs = performance.now() + timeMs;
  while (performance.now() < untilMs) await new Promise((resolve) => setTimeout(resolve, timeMs));
}

/** What holds wherever the buckets are kept. */
function bucketLaw(name: string, open: () => Promise<Buckets>): void {
  describe(`bucket law: ${name}`, () => {
    let buckets: Buckets;
    beforeAll(async () => {
      buckets = await open();
    });

    test('a bucket starts full and gives its burst, then refuses with the wait for the next token', async () => {
      const decisions = await takeAll(buckets, 'burst', SLOW);
      expect(decisions.map(({ isAllowed, remaining }) => [isAllowed, remaining])).toEqual([
        [true, 2],
        [true, 1],
        [true, 0],
        [false, 0],
      ]);
      expect(decisions.map(({ retryInMs }) => retryInMs > 0)).toEqual([false, false, false, true]);
      const refused = decisions[3];
      expect(refused?.retryInMs).toBeLessThanOrEqual(60_000);
      expect(refused?.retryInMs).toBeGreaterThan(55_000);
      expect(refused?.fullInMs).toBeLessThanOrEqual(180_000);
      expect(refused?.fullInMs).toBeGreaterThan(175_000);
    });

    test('waits are whole milliseconds, also at a rate per minute', async () => {
      const decision = await buckets.take('whole', { perSecond: 10 / 60, burst: 5 });
      expect(decision).toEqual({ isAllowed: true, remaining: 4, fullInMs: 6_000, retryInMs: 0 });
    });

    test('after the wait that a refused request was told, one passes', async () => {
      for (let round = 0; round < 5; round++) {
        const refused = (await takeAll(buckets, 'wait', FAST)).at(-1);
        await passTime(refused?.retryInMs ?? Number.NaN);
        expect(await buckets.take('wait', FAST)).toMatchObject({ isAllowed: true });
      }
    });

    test('refused requests take nothing', async () => {
      const one = { perSecond: 20, burst: 1 };
      await takeAll(buckets, 'refused', one);
      const startMs = performance.now();
      while (!(await buckets.take('refused', one)).isAllowed) {
        expect(performance.now() - startMs).toBeLessThan(DEADLINE_MS);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(performance.now() - startMs).toBeLessThan(1_000);
    });

    test('a bucket left alone is full again, and never holds more than its burst', async () => {
      const last = (await takeAll(buckets, 'again', FAST)).at(-1);
      await passTime((last?.fullInMs ?? Number.NaN) + 5);
      expect(await buckets.take('again', FAST)).toMatchObject({ isAllowed: true, remaining: FAST.burst - 1 });
    });

    test('keys do not touch each other, whatever stands in them', async () => {
      for (const key of ['user:1', 'user:11', 'login:2001:db8::/64', 'a b\n%d', 'ключ', '']) {
        expect((await takeAll(buckets, key, SLOW)).length, key).toBe(SLOW.burst + 1);
      }
    });

    test('requests at the same time never share a token', async () => {
      const decisions = await Promise.all(
        Array.from({ length: 200 }, () => buckets.take('parallel', { perSecond: 1 / 60, burst: 50 })),
      );
      expect(decisions.filter(({ isAllowed }) => isAllowed).length).toBe(50);
    });

    test('a limit that changed holds from the next request', async () => {
      const wide = { perSecond: 1 / 60, burst: 100 };
      expect(await buckets.take('changed', wide)).toMatchObject({ remaining: 99 });
      expect(await buckets.take('changed', { ...wide, burst: 5 })).toMatchObject({ remaining: 4 });
      expect(await buckets.take('changed', wide)).toMatchObject({ remaining: 3 });
      await takeAll(buckets, 'changed', wide);
      await passTime(20);
      expect(await buckets.take('changed', { perSecond: 1_000, burst: 100 })).toMatchObject({
        isAllowed: true,
      });
    });

    test('the largest limits are exact', async () => {
      const largest = { perSecond: 1, burst: 100_000 };
      expect(await buckets.take('largest', largest)).toEqual({
        isAllowed: true,
        remaining: 99_999,
        fullInMs: 1_000,
        retryInMs: 0,
      });
    });
  });
}

bucketLaw('in the process', async () => new RateLimiter({ log: memoryLog() }));

describe.skipIf(!requireComponent('redis-server'))('Redis', () => {
  let server: RedisServer;
  let one: RedisBuckets;
  let other: RedisBuckets;
  let raw: RedisConnection;
  beforeAll(async () => {
    server = await startRedisServer();
    one = await openRedisBuckets(server);
    other = await openRedisBuckets(server);
    raw = await openRedisConnection(server.url);
  });
  afterAll(async () => {
    await Promise.all([one?.close(), other?.close(), raw?.close()]);
    await server?.end();
  });

  bucketLaw('in Redis', async () => one);

  bucketLaw('in Redis, through the limiter', async () => {
    await raw.redis.flushall();
    return new RateLimiter({ shared: one, log: memoryLog() });
  });

  test('two stores share one bucket: together they pass the burst and the rate, within 2 %', async () => {
    const limit = { perSecond: 200, burst: 100 };
    const startMs = performance.now();
    const countFor = async (buckets: RedisBuckets, durationMs: number): Promise<number> => {
      let allowed = 0;
      while (performance.now() - startMs < durationMs) {
        if ((await buckets.take('shared', limit)).isAllowed) allowed++;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      return allowed;
    };
    const counts = await Promise.all([countFor(one, 2_000), countFor(other, 2_000)]);
    const elapsedMs = performance.now() - startMs;
    const expected = limit.burst + (limit.perSecond * elapsedMs) / 1_000;
    const passed = counts.reduce((sum, count) => sum + count);
    expect(Math.abs(passed / expected - 1)).toBeLessThan(0.02);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });

  test('a key carries our prefix and is gone when its bucket is full', async () => {
    const { fullInMs } = await one.take('gone', FAST);
    const lifeMs = await raw.redis.pttl('backyard:bucket:gone');
    expect(lifeMs).toBeGreaterThan(0);
    expect(lifeMs).toBeLessThanOrEqual(fullInMs);
    await one.take('stays', SLOW);
    await expect.poll(() => raw.redis.keys('*gone'), { timeout: DEADLINE_MS }).toEqual([]);
    const keys = await raw.redis.keys('*');
    expect(keys).toContain('backyard:bucket:stays');
    expect(keys.filter((key) => !key.startsWith('backyard:bucket:'))).toEqual([]);
    const lives = await Promise.all(keys.map((key) => raw.redis.pttl(key)));
    expect(
      lives.filter((life) => life === -1),
      'keys that never expire',
    ).toEqual([]);
  });

  test('numbers are kept as whole numbers, to the last digit', async () => {
    await one.take('digits', { perSecond: 1 / 60, burst: 100_000 });
    const held = await raw.redis.getBuffer('backyard:bucket:digits');
    expect(held?.readDoubleLE(0)).toBe(99_999 * 1e9);
    const atUs = held?.readDoubleLE(8) ?? Number.NaN;
    expect(atUs % 1).toBe(0);
    expect(Math.abs(atUs / 1_000 - Date.now())).toBeLessThan(60_000);
  });

  test('a time in the future, after the clock of the server was set back, delays nobody', async () => {
    const future = Buffer.alloc(16);
    future.writeDoubleLE((Date.now() + 3_600_000) * 1_000, 8);
    await raw.redis.set('backyard:bucket:future', future);
    expect(await one.take('future', FAST)).toMatchObject({ isAllowed: false, retryInMs: 20 });
    await passTime(25);
    expect(await one.take('future', FAST)).toMatchObject({ isAllowed: true });
  });

  test('what is no bucket counts as none', async () => {
    await raw.redis.set('backyard:bucket:stray', 'something else');
    expect(await one.take('stray', SLOW)).toMatchObject({ isAllowed: true, remaining: 2 });
  });

  test('a server that forgot the script learns it again', async () => {
    await one.take('script', SLOW);
    await raw.redis.script('FLUSH');
    expect(await one.take('script', SLOW)).toMatchObject({ isAllowed: true, remaining: 1 });
    await expect(one.ping()).resolves.toBeUndefined();
  });

  test('a server that only reads is a fault, and a new connection is tried', async () => {
    const before = await raw.redis.client('LIST');
    await raw.redis.replicaof('127.0.0.1', '1');
    await expect(other.take('replica', SLOW)).rejects.toMatchObject({
      code: 'redis.unusable',
      message: expect.stringContaining('READONLY'),
    });
    await raw.redis.replicaof('NO', 'ONE');
    await expect
      .poll(() => other.take('replica', SLOW).catch(String), { timeout: DEADLINE_MS })
      .toMatchObject({ isAllowed: true });
    expect(idsIn(await raw.redis.client('LIST'))).not.toEqual(idsIn(before));
  });
});

function idsIn(clientList: unknown): string[] {
  return [...String(clientList).matchAll(/^id=(\d+)/gm)].map(([, id]) => id ?? '').sort();
}
