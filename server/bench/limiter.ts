/** One decision of the rate limiter: in the process, and in Redis against a bare GET on the same connection. */

import { redisBuckets } from '../src/drivers/redis/redis-buckets.ts';
import { openRedisConnection } from '../src/drivers/redis/redis-connection.ts';
import { RateLimiter } from '../src/operations/rate-limiter.ts';
import { startRedisServer } from '../test/support/redis-server.ts';
import { hasCommand } from '../test/support/require-component.ts';
import { median, type Row } from './row.ts';

const USERS = 1_000;
const LIMIT = { perSecond: 10, burst: 20 };
const ROUNDS = 41;
const WARM_UP = 6;
const IN_PROCESS_BATCH = 100_000;
const REQUESTS = 20_000;
const WARM_UP_REQUESTS = 3_000;
const CROWD = 32;
const CROWD_BATCH = 5_000;
const log = { info: () => undefined, warn: (_fields: object, message: string) => console.warn(message) };

const keys = Array.from({ length: USERS }, (_, n) => `user ${n}`);
const keyOf = (n: number): string => keys[n % USERS] ?? '';

export async function benchLimiter(): Promise<Row[]> {
  return [inProcess(), ...(await inRedis())];
}

function inProcess(): Row {
  const limiter = new RateLimiter({ log });
  const costs: number[] = [];
  for (let round = 0; round < ROUNDS + WARM_UP; round++) {
    const start = performance.now();
    for (let n = 0; n < IN_PROCESS_BATCH; n++) void limiter.take(keyOf(n), LIMIT);
    if (round >= WARM_UP) costs.push((performance.now() - start) / IN_PROCESS_BATCH);
  }
  return {
    name: 'a rate decision in the process',
    raw: '–',
    ours: us(median(costs)),
    ratio: '–',
    bar: 'under 5 µs',
  };
}

async function inRedis(): Promise<Row[]> {
  if (!hasCommand('redis-server')) {
    console.warn('SKIPPED: rate decisions in Redis need redis-server (scripts/test-deps installs it)');
    return [];
  }
  const server = await startRedisServer();
  const connection = await openRedisConnection(server.url);
  const buckets = redisBuckets(connection);
  try {
    const limiter = new RateLimiter({ shared: buckets, log });
    const take = (n: number) => limiter.take(keyOf(n), LIMIT);
    for (const key of keys) await connection.redis.set(key, 'sixteen bytes, x');
    const get = (n: number) => connection.redis.get(keyOf(n));
    const inTurns = await compareInTurns(get, take);
    const crowds = await compareCrowds(get, take);
    if (limiter.health() !== 'healthy') throw new Error('not all decisions were made in Redis');
    return [
      { name: 'a rate decision in Redis', ...inTurns, bar: 'under 1.50' },
      // Where Redis has no core to itself, its own work adds to ours instead of going on beside it.
      { name: `a rate decision in Redis, ${CROWD} at a time`, ...crowds, bar: '–' },
    ];
  } finally {
    await buckets.close();
    await server.end();
  }
}

type Request = (n: number) => unknown;
type Cells = Omit<Row, 'name' | 'bar'>;

/** One request at a time, in turns, so that what disturbs the machine disturbs both. */
async function compareInTurns(get: Request, take: Request): Promise<Cells> {
  const raw: number[] = [];
  const ours: number[] = [];
  for (let n = 0; n < REQUESTS + WARM_UP_REQUESTS; n++) {
    const start = performance.now();
    await get(n);
    const between = performance.now();
    await take(n);
    if (n < WARM_UP_REQUESTS) continue;
    raw.push(between - start);
    ours.push(performance.now() - between);
  }
  return cells(raw, ours);
}

/** Always so many at a time; the cost is the time of a batch per request. */
async function compareCrowds(get: Request, take: Request): Promise<Cells> {
  const raw: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < ROUNDS + WARM_UP; round++) {
    const [a, b] = [await costInCrowd(get), await costInCrowd(take)];
    if (round < WARM_UP) continue;
    raw.push(a);
    ours.push(b);
  }
  return cells(raw, ours);
}

async function costInCrowd(request: Request): Promise<number> {
  let sent = 0;
  const lane = async () => {
    while (sent < CROWD_BATCH) await request(sent++);
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: CROWD }, lane));
  return (performance.now() - start) / CROWD_BATCH;
}

function cells(raw: readonly number[], ours: readonly number[]): Cells {
  const ratio = (median(ours) / median(raw)).toFixed(2);
  return { raw: us(median(raw)), ours: us(median(ours)), ratio };
}

function us(timeMs: number): string {
  return `${(timeMs * 1_000).toFixed(2)} µs`;
}
