import { SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Gateway } from '../../src/tenants/gateway.ts';
import type { TestDatabase } from '../support/database.ts';
import { createTenantDatabase, get, jsonOf, post, request, tenantSettings, until } from './tenant-suite.ts';

const SECRET = 'a'.repeat(32);
const OTHER_SECRET = 'b'.repeat(32);

let first: TestDatabase;
let second: TestDatabase;
let gateway: Gateway;

beforeAll(async () => {
  [first, second] = await Promise.all([createTenantDatabase(), createTenantDatabase()]);
  await second.run("UPDATE api.items SET name = 'second ' || id");
});
afterAll(() => Promise.all([first.drop(), second.drop()]));
beforeEach(() => {
  gateway = new Gateway();
});
afterEach(() => gateway.close());

function token(secret: string): Promise<string> {
  return new SignJWT({ role: 'web_user' }).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(secret));
}

function metricsOf(id: string) {
  const found = gateway.metrics().find(({ tenantId }) => tenantId === id);
  if (found === undefined) throw new Error(`no metrics of ${id}`);
  return found;
}

test('each tenant answers from its own database', async () => {
  await gateway.setTenant('a', await tenantSettings(first));
  await gateway.setTenant('b', await tenantSettings(second));
  const names = await Promise.all(
    ['a', 'b'].map(async (id) => jsonOf(await gateway.handle(id, get('/items?select=name&id=eq.3')))),
  );
  expect(names).toEqual([[{ name: 'item 3' }], [{ name: 'second 3' }]]);
  expect((await gateway.handle('c', get('/items'))).status).toBe(404);
  await gateway.removeTenant('a');
  expect((await gateway.handle('a', get('/items'))).status).toBe(404);
  expect((await gateway.handle('b', get('/items'))).status).toBe(200);
});

test('a token of one tenant is nothing to another', async () => {
  await gateway.setTenant('a', await tenantSettings(first, { 'jwt-secret': SECRET }));
  await gateway.setTenant('b', await tenantSettings(second, { 'jwt-secret': OTHER_SECRET }));
  const headers = { authorization: `Bearer ${await token(SECRET)}` };
  expect((await gateway.handle('a', get('/secrets', headers))).status).toBe(200);
  const refused = await gateway.handle('b', get('/secrets', headers));
  expect([refused.status, jsonOf(refused)]).toEqual([401, expect.objectContaining({ code: 'PGRST301' })]);
});

test('faults before, in and behind the database are answers in the envelope', async () => {
  await gateway.setTenant('a', await tenantSettings(first));
  const codes = await Promise.all(
    ['/items?id=eq', '/nowhere', '/items?id=eq.x', '/secrets', '/items?offset=99&limit=1'].map(
      async (url) => {
        const response = await gateway.handle('a', get(url, { prefer: 'count=exact' }));
        return [response.status, (jsonOf(response) as { code: string }).code];
      },
    ),
  );
  expect(codes).toEqual([
    [400, 'PGRST100'],
    [404, 'PGRST205'],
    [400, '22P02'],
    [401, '42501'],
    [416, 'PGRST103'],
  ]);
});

test('HEAD, OPTIONS, preflights and the root are answered', async () => {
  await gateway.setTenant('a', await tenantSettings(first));
  const [head, options, preflight, root] = await Promise.all([
    gateway.handle('a', request('HEAD', '/items')),
    gateway.handle('a', request('OPTIONS', '/items')),
    gateway.handle(
      'a',
      request('OPTIONS', '/items', {
        headers: { origin: 'http://a', 'access-control-request-method': 'GET' },
      }),
    ),
    gateway.handle('a', get('/')),
  ]);
  expect([head.status, head.body]).toEqual([200, null]);
  expect(options.headers.allow).toContain('PATCH');
  expect(preflight.headers['access-control-allow-methods']).toContain('PATCH');
  const { paths } = jsonOf(root) as { paths: object };
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/items', '/rpc/pause']));
  // web_anon may not use it.
  expect(Object.keys(paths)).not.toContain('/secrets');
});

test('server timing and the trace header are given where the settings ask for them', async () => {
  const settings = await tenantSettings(first, {
    'server-timing-enabled': true,
    'server-trace-header': 'X-Request-Id',
  });
  await gateway.setTenant('a', settings);
  const response = await gateway.handle('a', get('/items', { 'x-request-id': 'abc' }));
  expect(response.headers['server-timing']).toMatch(
    /^jwt;dur=[\d.]+, parse;dur=[\d.]+, plan;dur=[\d.]+, transaction;dur=[\d.]+, response;dur=[\d.]+$/,
  );
  expect(response.headers['x-request-id']).toBe('abc');
  const failed = await gateway.handle('a', get('/items?x', { 'x-request-id': 'def' }));
  expect(failed.headers['x-request-id']).toBe('def');
});

test('a thousand idle tenants open nothing', async () => {
  const settings = await tenantSettings(first);
  for (let index = 0; index < 1_000; index += 1) await gateway.setTenant(`t${index}`, settings);
  const [{ count } = { count: null }] = await first.run(
    "SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND usename = 'authenticator'",
  );
  expect(count).toBe(0);
  expect(
    gateway.metrics().every(({ pool, schemaCacheBytes }) => pool.total === 0 && schemaCacheBytes === 0),
  ).toBe(true);
});

describe('a change of settings', () => {
  test('takes effect for requests that come after it, and those in flight finish on the old ones', async () => {
    await gateway.setTenant('a', await tenantSettings(first, { 'jwt-secret': SECRET }));
    const old = { authorization: `Bearer ${await token(SECRET)}` };
    const slow = gateway.handle('a', post('/rpc/pause', { seconds: 0.3 }, old));
    await until(() => metricsOf('a').pool.total > 0 && metricsOf('a').inFlight === 1);
    await until(() => gateway.status('a').isReady);
    await gateway.setTenant('a', await tenantSettings(first, { 'jwt-secret': OTHER_SECRET }));
    expect((await gateway.handle('a', get('/items', old))).status).toBe(401);
    const fresh = { authorization: `Bearer ${await token(OTHER_SECRET)}` };
    expect((await gateway.handle('a', get('/items', fresh))).status).toBe(200);
    expect((await slow).status).toBe(200);
  });

  test('of the database is made only when the new one could be read', async () => {
    await gateway.setTenant('a', await tenantSettings(first));
    await gateway.handle('a', get('/items'));
    const broken = await tenantSettings({ authenticatorDsn: `${first.authenticatorDsn}_gone` });
    await expect(gateway.setTenant('a', broken)).rejects.toMatchObject({ code: 'PGRST000' });
    expect((await gateway.handle('a', get('/items'))).status).toBe(200);
    await gateway.setTenant('a', await tenantSettings(second));
    expect(jsonOf(await gateway.handle('a', get('/items?select=name&id=eq.1')))).toEqual([
      { name: 'second 1' },
    ]);
  });

  test('that can never work is refused', async () => {
    const settings = await tenantSettings(first);
    await expect(gateway.setTenant('a', { ...settings, dbUri: 'nonsense' })).rejects.toThrow('db-uri');
    await expect(gateway.setTenant('a', { ...settings, jwtRoleClaimKey: '???' })).rejects.toThrow();
    expect(gateway.has('a')).toBe(false);
  });

  test('a removed tenant answers what is in flight', async () => {
    await gateway.setTenant('a', await tenantSettings(first));
    const slow = gateway.handle('a', post('/rpc/pause', { seconds: 0.3 }));
    await until(() => metricsOf('a').pool.total > 0);
    await gateway.removeTenant('a');
    expect((await slow).status).toBe(200);
  });
});

describe('the schema cache', () => {
  test('is loaded once for all who wait for it', async () => {
    await gateway.setTenant('a', await tenantSettings(first));
    const responses = await Promise.all(Array.from({ length: 15 }, () => gateway.handle('a', get('/items'))));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(metricsOf('a')).toMatchObject({
      schemaCacheLoads: { SUCCESS: 1, FAIL: 0 },
      requests: { '2xx': 15 },
      inFlight: 0,
    });
    expect(metricsOf('a').schemaCacheBytes).toBeGreaterThan(1_000);
  });

  test('sees what changed after a reload', async () => {
    await gateway.setTenant('a', await tenantSettings(first));
    await gateway.handle('a', get('/items'));
    await first.run('CREATE TABLE api.later (id int); GRANT SELECT ON api.later TO web_anon');
    expect((await gateway.handle('a', get('/later'))).status).toBe(404);
    await gateway.reloadSchema('a');
    expect((await gateway.handle('a', get('/later'))).status).toBe(200);
    await first.run('DROP TABLE api.later');
  });

  test('is reloaded on NOTIFY, and the configuration is asked for', async () => {
    const asked: string[] = [];
    const own = new Gateway({ onReloadConfig: (id) => asked.push(id) });
    try {
      await own.setTenant(
        'a',
        await tenantSettings(first, { 'db-channel-enabled': true, 'db-channel': 'odd "one' }),
      );
      await own.handle('a', get('/items'));
      await first.run(`CREATE TABLE api.told (id int); GRANT SELECT ON api.told TO web_anon;
        NOTIFY "odd ""one", 'reload schema'; NOTIFY "odd ""one", 'nonsense'`);
      await until(async () => (await own.handle('a', get('/told'))).status === 200);
      await first.run(`NOTIFY "odd ""one", 'reload config'`);
      await until(() => asked.length > 0);
      expect(asked).toEqual(['a']);
      const [loads] = own.metrics().map(({ schemaCacheLoads }) => schemaCacheLoads.SUCCESS);
      expect(loads).toBe(2);
    } finally {
      await own.close();
      await first.run('DROP TABLE IF EXISTS api.told');
    }
  });

  test('of the tenant that was used longest ago gives way', async () => {
    const own = new Gateway({ cacheBudgetBytes: 1 });
    try {
      await own.setTenant('a', await tenantSettings(first));
      await own.setTenant('b', await tenantSettings(second));
      await own.handle('a', get('/items'));
      await own.handle('b', get('/items'));
      expect([own.status('a').isReady, own.status('b').isReady]).toEqual([false, true]);
      expect((await own.handle('a', get('/items'))).status).toBe(200);
    } finally {
      await own.close();
    }
  });

  test('that cannot be read is 503, to come back', async () => {
    await gateway.setTenant(
      'a',
      await tenantSettings({ authenticatorDsn: `${first.authenticatorDsn}_gone` }),
    );
    const response = await gateway.handle('a', get('/items'));
    expect([response.status, response.headers['retry-after'], jsonOf(response)]).toEqual([
      503,
      '1',
      {
        code: 'PGRST002',
        details: null,
        hint: null,
        message: 'Could not query the database for the schema cache. Retrying.',
      },
    ]);
    expect(gateway.status('a')).toEqual({ isReady: false, isDatabaseDown: true });
  });
});

describe('limits', () => {
  test("a tenant's flood is told to come back, and never slows another", async () => {
    const own = new Gateway({ maxWaiting: 2 });
    try {
      await own.setTenant('a', await tenantSettings(first, { 'db-pool': 1 }));
      await own.setTenant('b', await tenantSettings(second));
      await Promise.all(['a', 'b'].map((id) => own.handle(id, get('/items'))));
      const flood = Array.from({ length: 8 }, () => own.handle('a', post('/rpc/pause', { seconds: 0.2 })));
      const other = await own.handle('b', get('/items'));
      expect(other.status).toBe(200);
      const statuses = (await Promise.all(flood)).map(({ status }) => status).sort();
      expect(statuses).toEqual([200, 200, 200, 200, 503, 503, 503, 503]);
    } finally {
      await own.close();
    }
  });

  test('who gets no connection in time is told so', async () => {
    await gateway.setTenant(
      'a',
      await tenantSettings(first, { 'db-pool': 1, 'db-pool-acquisition-timeout': 1 }),
    );
    await gateway.handle('a', get('/items'));
    const slow = gateway.handle('a', post('/rpc/pause', { seconds: 1.5 }));
    const late = await gateway.handle('a', get('/items'));
    expect([late.status, jsonOf(late)]).toEqual([504, expect.objectContaining({ code: 'PGRST003' })]);
    expect((await slow).status).toBe(200);
    expect(metricsOf('a').pool.timeouts).toBe(1);
  });

  test('an idle tenant gives everything back, and wakes up again', async () => {
    const own = new Gateway({ idleTenantMs: 50 });
    try {
      await own.setTenant('a', await tenantSettings(first, { 'db-channel-enabled': true }));
      expect((await own.handle('a', get('/items'))).status).toBe(200);
      await until(async () => {
        const [row] = await first.run(
          "SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND usename = 'authenticator'",
        );
        return row?.n === 0;
      });
      expect(own.metrics()[0]).toMatchObject({
        pool: { total: 0 },
        schemaCacheBytes: 0,
        requests: { '2xx': 1 },
      });
      expect((await own.handle('a', get('/items'))).status).toBe(200);
    } finally {
      await own.close();
    }
  });
});
