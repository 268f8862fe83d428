/** Token buckets as promised: contract orchestrator, sections 4.2, 4.3 and 7 (3 to 6, 17). */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, api, exchange } from './support/api.ts';
import { countOf, sendAtPace } from './support/pace.ts';
import { createPerson, type Person, theAdmin } from './support/people.ts';
import { type Product, useProduct } from './support/product.ts';
import { canRunWith } from './support/program.ts';
import { type RedisServer, startRedis } from './support/redis-server.ts';
import { until } from './support/until.ts';

const DOCUMENTED = {
  DEFAULT_RATE_LIMIT_PER_SECOND: undefined,
  DEFAULT_RATE_LIMIT_BURST: undefined,
  ADMIN_RATE_LIMIT_PER_SECOND: undefined,
  ADMIN_RATE_LIMIT_BURST: undefined,
};
const ME = '/api/v1/auth/me';
const RATE_HEADERS = [
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'ratelimit-policy',
  'ratelimit',
];

const product = useProduct({ env: DOCUMENTED });

function tokenOf(person: Person): string {
  return person.api.token ?? '';
}

/** Many at once, each on a connection of its own. */
function flood(target: Product, token: string, count: number, path = ME): Promise<Answer[]> {
  const headers = { authorization: `Bearer ${token}` };
  return Promise.all(
    Array.from({ length: count }, () => exchange(target.url, { method: 'GET', path, headers })),
  );
}

/** A person whose bucket is full again, although making them took some of it. */
async function rested(target: Product, person: Person): Promise<Person> {
  await until(
    async () => {
      const { headers } = await person.api.get(ME);
      return Number(headers['x-ratelimit-remaining']) >= 19;
    },
    { what: 'the bucket is full', everyMs: 1_000 },
  );
  expect(target.running).toBe(true);
  return person;
}

describe('the bucket of a user', () => {
  test('at the documented rate nothing is refused for a minute; at twice the rate half of it passes', async () => {
    const [even, hasty] = [await createPerson(product()), await createPerson(product())];
    await Promise.all([rested(product(), even), rested(product(), hasty)]);
    const { url } = product();
    const [evenly, hastily] = await Promise.all([
      sendAtPace({ url, token: tokenOf(even), path: ME, perSecond: 10, forMs: 60_000 }),
      sendAtPace({ url, token: tokenOf(hasty), path: ME, perSecond: 20, forMs: 60_000 }),
    ]);
    expect([countOf(evenly, 200), evenly.length]).toEqual([600, 600]);
    const passed = countOf(hastily, 200) / hastily.length;
    expect(countOf(hastily, 200) + countOf(hastily, 429)).toBe(1_200);
    expect(passed).toBeGreaterThan(0.45);
    expect(passed).toBeLessThan(0.55);
  });

  test('lets a burst of 20 through and no more; waiting as long as it says succeeds', async () => {
    const person = await rested(product(), await createPerson(product()));
    const before = performance.now();
    const answers = await flood(product(), tokenOf(person), 40);
    const refilled = ((performance.now() - before) / 1000) * 10;
    const passed = countOf(answers, 200);
    expect(passed).toBeGreaterThanOrEqual(19);
    expect(passed).toBeLessThanOrEqual(20 + Math.ceil(refilled));
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body).toEqual({ message: 'Rate limit exceeded', detail: 'Rate limit exceeded' });
    for (const name of RATE_HEADERS) expect(refused?.headers[name], name).toBeDefined();
    expect(refused?.headers['retry-after']).toBe('1');
    await pause(1_000);
    expect((await person.api.get(ME)).status).toBe(200);
  });

  test('is told in every answer, errors too', async () => {
    const person = await rested(product(), await createPerson(product()));
    const now = Math.floor(Date.now() / 1000);
    for (const path of [ME, '/api/v1/users', '/api/v1/auth/sessions?limit=none', '/api/v1/auth/tokens']) {
      const { headers, status } = await person.api.get(path);
      expect([200, 400, 403]).toContain(status);
      expect(headers['x-ratelimit-limit']).toBe('10');
      expect(Number(headers['x-ratelimit-remaining'])).toBeLessThan(20);
      expect(Number(headers['x-ratelimit-reset'])).toBeGreaterThanOrEqual(now);
      expect(Number(headers['x-ratelimit-reset'])).toBeLessThanOrEqual(now + 10);
      expect(headers['ratelimit-policy']).toBe('"user";q=20;w=2');
      expect(headers.ratelimit).toMatch(/^"user";r=\d+;t=\d+$/);
    }
  });

  test('is one for all credentials of a user, and nobody else’s', async () => {
    const [one, other] = [await createPerson(product()), await createPerson(product())];
    await rested(product(), one);
    await Promise.all([flood(product(), one.jwt, 15), flood(product(), tokenOf(one), 15)]);
    expect((await api(product().url, one.jwt).get(ME)).status).toBe(429);
    expect((await other.api.get(ME)).status).toBe(200);
  });

  test('does not exist where the contract has none', async () => {
    const person = await createPerson(product());
    const answers = await flood(product(), tokenOf(person), 60, '/auth/me');
    expect(countOf(answers, 200)).toBe(60);
    expect(answers[0]?.headers['x-ratelimit-limit']).toBeUndefined();
  });

  test('of an administrator holds 200; limits of one’s own hold from the next request', async () => {
    const admin = await theAdmin(product());
    expect((await admin.api.get(ME)).headers['ratelimit-policy']).toBe('"user";q=200;w=2');
    const person = await createPerson(product());
    const change = { rate_limit_per_second: 1, rate_limit_burst: 3 };
    const patched = await admin.api.send({
      method: 'PATCH',
      path: `/api/v1/users/${person.id}`,
      raw: JSON.stringify(change),
      headers: { 'content-type': 'application/json' },
    });
    expect(patched.status, patched.text).toBe(200);
    const answers = await flood(product(), tokenOf(person), 10);
    expect(countOf(answers, 200)).toBeGreaterThanOrEqual(3);
    expect(countOf(answers, 200)).toBeLessThanOrEqual(4);
    expect(answers[0]?.headers['x-ratelimit-limit']).toBe('1');
  });
});

const hasRedis = canRunWith('rate limits in Redis', 'redis-server');

describe.skipIf(!hasRedis)('with a Redis that comes and goes', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
    await product().restart({ REDIS_URL: redis.url });
  });
  afterAll(() => redis?.dispose());

  const readiness = () => exchange(product().url, { method: 'GET', path: '/health/ready' });

  test('limits hold, without it as well, and readiness says which', async () => {
    const person = await rested(product(), await createPerson(product()));
    expect((await readiness()).body).toEqual({ status: 'ready', database: 'healthy', redis: 'healthy' });
    expect(countOf(await flood(product(), tokenOf(person), 40), 429)).toBeGreaterThan(10);

    await redis.stop();
    await until(async () => (await readiness()).status === 503, {
      what: 'readiness says 503',
      timeoutMs: 5_000,
    });
    expect((await readiness()).body).toEqual({
      status: 'not_ready',
      database: 'healthy',
      redis: 'unhealthy',
    });
    expect((await exchange(product().url, { method: 'GET', path: '/health' })).status).toBe(200);
    const alone = await flood(product(), tokenOf(person), 40);
    expect(countOf(alone, 200)).toBeGreaterThan(0);
    expect(countOf(alone, 429)).toBeGreaterThan(10);
    expect(countOf(alone, 200) + countOf(alone, 429)).toBe(40);

    await redis.start();
    await until(async () => (await readiness()).status === 200, { what: 'Redis is used again' });
  });

  test('a Redis that is not there at the start delays nothing', async () => {
    await redis.stop();
    product().change({ REDIS_URL: redis.url });
    await product().stop();
    product().launch();
    await until(
      async () => (await exchange(product().url, { method: 'GET', path: '/health' })).status === 200,
      {
        what: 'the product is up',
        timeoutMs: 30_000,
      },
    );
    expect((await readiness()).status).toBe(503);
    await redis.start();
    await until(async () => (await readiness()).status === 200, { what: 'Redis is found' });
  });
});
