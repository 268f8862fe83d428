/** One product that is stopped, killed and started again and again: nothing acknowledged is ever lost. */
import { describe, expect, test } from 'vitest';
import { api } from './support/api.ts';
import { refusal } from './support/cluster.ts';
import { createPerson, theAdmin, uniqueName } from './support/people.ts';
import { isRunning, processesUsing } from './support/processes.ts';
import { freePort, Product, postgresPid, useProduct } from './support/product.ts';
import { createDatabase, createPgUser, getDatabase } from './support/resources.ts';
import { until } from './support/until.ts';
import type { Database } from './support/wire.ts';

const product = useProduct();

test('health is told to each contract in its words, to anybody', async () => {
  const nobody = api(product().url);
  expect(await nobody.get('/health')).toMatchObject({
    status: 200,
    body: { status: 'healthy', service: 'orchestrator-api', version: expect.any(String) },
  });
  const ready = await nobody.get('/health/ready');
  expect({ status: ready.status, body: ready.body }).toEqual({
    status: 200,
    body: { status: 'ready', database: 'healthy', redis: 'not_configured' },
  });
  const live = await nobody.get('/healthz');
  expect({ status: live.status, body: live.body }).toEqual({ status: 200, body: { status: 'ok' } });
});

test('readiness tells when the database is gone, and when it is back', async () => {
  const backends = processesUsing(product().home).filter(({ pid }) => pid !== product().pid);
  expect(backends.length).toBeGreaterThan(1);
  for (const { pid } of backends) process.kill(pid, 'SIGSTOP');
  try {
    const answer = await until(
      async () => {
        const now = await api(product().url).get('/health/ready');
        return now.status === 503 ? now : undefined;
      },
      { what: 'readiness fails', timeoutMs: 10_000 },
    );
    expect(answer.body).toEqual({ status: 'not_ready', database: 'unhealthy', redis: 'not_configured' });
    expect((await api(product().url).get('/health')).status).toBe(200);
    expect((await api(product().url).get('/healthz')).status).toBe(200);
  } finally {
    for (const { pid } of backends) process.kill(pid, 'SIGCONT');
  }
  await until(async () => (await api(product().url).get('/health/ready')).status === 200, {
    what: 'ready again',
  });
});

describe.each(['SIGTERM', 'SIGINT'] as const)('%s', (signal) => {
  test('ends everything within 10 s, also at work', async () => {
    const admin = await theAdmin(product());
    const { database_id } = await createDatabase(admin.api);
    const user = await createPgUser(admin.api, database_id, 'write');
    const names = Array.from({ length: 5 }, () => uniqueName('last'));
    const work = Promise.allSettled(names.map((name) => admin.api.post('/api/databases', { name })));
    await product().stop(signal);
    expect(product().exitCode).toBe(0);
    expect(processesUsing(product().home)).toEqual([]);
    const answers = await work;
    const acknowledged = names.filter((_, n) => {
      const answer = answers[n];
      return answer?.status === 'fulfilled' && answer.value.status === 201;
    });
    await product().start();
    const { body } = await admin.api.get<readonly Database[]>('/api/databases');
    const active = body.filter((one) => one.status === 'active');
    expect(active.map((one) => one.pg_database_name)).toEqual(expect.arrayContaining(acknowledged));
    expect(await refusal(user.connection)).toBeUndefined();
  });
});

describe('after SIGKILL', () => {
  test('the next start takes over the Postgres that still runs', async () => {
    const person = await createPerson(product(), 'alice');
    const database = await createDatabase(person.api);
    const { connection } = await createPgUser(person.api, database.database_id, 'write');
    const before = postgresPid(product().home);
    await product().kill();
    expect(isRunning(before ?? 0)).toBe(true);
    await product().start();
    expect(postgresPid(product().home)).toBe(before);
    expect(await getDatabase(person.api, database.database_id)).toEqual(database);
    expect(await refusal(connection)).toBeUndefined();
    await product().stop();
    expect(processesUsing(product().home)).toEqual([]);
    await product().start();
  });

  test('the next start recovers when Postgres was killed as well', async () => {
    const person = await createPerson(product(), 'alice');
    const database = await createDatabase(person.api);
    const { connection } = await createPgUser(person.api, database.database_id, 'write');
    await product().kill();
    process.kill(postgresPid(product().home) ?? 0, 'SIGKILL');
    await until(() => processesUsing(product().home).length === 0, { what: 'Postgres is gone' });
    await product().start();
    expect(await getDatabase(person.api, database.database_id)).toEqual(database);
    expect(await refusal(connection)).toBeUndefined();
  });

  test('a Postgres that dies under a running server comes back', async () => {
    const person = await createPerson(product(), 'alice');
    const before = postgresPid(product().home) ?? 0;
    process.kill(before, 'SIGKILL');
    await until(
      async () => {
        const now = postgresPid(product().home);
        if (now === undefined || now === before) return false;
        return (await person.api.get('/api/databases')).status === 200;
      },
      { what: 'another Postgres answers', timeoutMs: 30_000 },
    );
    await createDatabase(person.api);
  });
});

test('a second start on the same directory says who holds it', async () => {
  const second = new Product(await freePort(), { home: product().home });
  second.launch();
  await second.gone(30_000);
  expect(second.exitCode).not.toBe(0);
  expect(second.output).toContain(product().dataDir);
  expect(second.output).toMatch(new RegExp(`\\b${product().pid}\\b`));
  expect((await api(product().url).get('/health/ready')).status).toBe(200);
});
