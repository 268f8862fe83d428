/** Two replicas on one Postgres and one Redis: what ends in one is dead in the other, and limits are shared. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Api, api } from './support/api.ts';
import { cookieOf } from './support/cookies.ts';
import { type DebianPostgres, debianPostgres } from './support/debian-postgres.ts';
import { countOf, sendAtPace } from './support/pace.ts';
import { createKey, createPerson, type Person, signIn, theAdmin } from './support/people.ts';
import { canRunWith } from './support/program.ts';
import { type RedisServer, startRedis } from './support/redis-server.ts';
import { type Replicas, startReplicas } from './support/replicas.ts';
import { until } from './support/until.ts';

const postgres = debianPostgres();
const hasRedis = canRunWith('replicas', 'redis-server');
const ME = '/api/v1/auth/me';

describe.skipIf(postgres === undefined || !hasRedis)('two replicas', () => {
  let redis: RedisServer;
  let replicas: Replicas;

  beforeAll(async () => {
    redis = await startRedis();
    replicas = await startReplicas(postgres as DebianPostgres, {
      REDIS_URL: redis.url,
      DEFAULT_RATE_LIMIT_PER_SECOND: undefined,
      DEFAULT_RATE_LIMIT_BURST: undefined,
    });
  });

  afterAll(async () => {
    await replicas?.dispose();
    await redis?.dispose();
  });

  /** Both replicas know the credential; `end` is called; then it is dead in the second within a second. */
  async function expectDeadElsewhere(there: Api, end: () => Promise<unknown>): Promise<void> {
    expect((await there.get('/auth/me')).status).toBe(200);
    await end();
    await until(async () => (await there.get('/auth/me')).status === 401, {
      what: 'it is dead in the other replica',
      timeoutMs: 1_000,
      everyMs: 20,
    });
  }

  function onSecond(token: string): Api {
    return api(replicas.second.url, token);
  }

  async function newPerson(): Promise<Person> {
    return createPerson(replicas.first);
  }

  test('a key that is revoked in one is dead in the other', async () => {
    const person = await newPerson();
    const { id, key } = await createKey(person.api);
    await expectDeadElsewhere(onSecond(key), () => person.api.delete(`/api/v1/auth/api-keys/${id}`));
  });

  test('so is a session, of a program and of a browser', async () => {
    const person = await newPerson();
    const jwt = await signIn(replicas.first, person.username, person.password);
    const program = api(replicas.first.url, jwt);
    await expectDeadElsewhere(onSecond(jwt), () => program.delete('/api/v1/auth/sessions/current'));

    const { username, password } = person;
    const answer = await api(replicas.first.url).post('/api/v1/auth/sessions', { username, password });
    const cookie = `backyard_session=${cookieOf(answer, 'backyard_session').value}`;
    const withCookie = (url: string): Api => {
      const plain = api(url);
      const send: Api['send'] = (sent) => plain.send({ ...sent, headers: { ...sent.headers, cookie } });
      return { ...plain, send, get: (path) => send({ method: 'GET', path }) };
    };
    await expectDeadElsewhere(withCookie(replicas.second.url), () =>
      withCookie(replicas.first.url).send({ method: 'POST', path: '/auth/logout' }),
    );
  });

  test('so is everything of a user who is deactivated', async () => {
    const person = await newPerson();
    const admin = await theAdmin(replicas.first);
    const deactivate = () => admin.api.delete(`/api/v1/users/${person.id}`);
    const jwt = onSecond(person.jwt);
    expect((await jwt.get('/auth/me')).status).toBe(200);
    await expectDeadElsewhere(onSecond(person.api.token ?? ''), deactivate);
    expect((await jwt.get('/auth/me')).status).toBe(401);
  });

  test('share one bucket on one Redis', async () => {
    const person = await newPerson();
    const token = person.api.token ?? '';
    await until(async () => Number((await person.api.get(ME)).headers['x-ratelimit-remaining']) >= 19, {
      what: 'the bucket is full',
      everyMs: 1_000,
    });
    const forMs = 30_000;
    const answers = await Promise.all(
      [replicas.first, replicas.second].map(({ url }) =>
        sendAtPace({ url, token, path: ME, perSecond: 20, forMs }),
      ),
    );
    const passed = answers.map((some) => countOf(some, 200));
    const total = passed.reduce((sum, count) => sum + count, 0);
    expect(answers.flat()).toHaveLength(1_200);
    // The burst, and what came back meanwhile.
    const promised = 20 + (10 * forMs) / 1000;
    expect(Math.abs(total - promised) / promised, `${passed}`).toBeLessThanOrEqual(0.02);
    expect(Math.min(...passed)).toBeGreaterThan(0);
  });
});
