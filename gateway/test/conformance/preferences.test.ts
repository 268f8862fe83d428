import { describe, expect, test } from 'vitest';
import { useRest } from './rest-client.ts';

const rest = useRest();

describe('Prefer', () => {
  test.each([
    ['count=exact', 'count=exact'],
    ['handling=lenient, nonsense=1', 'handling=lenient'],
    ['nonsense', null],
    ['timezone=America/Los_Angeles', 'timezone=America/Los_Angeles'],
    ['timezone=Mars/Olympus', null],
    ['tx=commit, count=planned', 'count=planned, tx=commit'],
    ['return=representation', null],
  ])('%s on a read', async (prefer, applied) => {
    const answer = await rest.get('/items?limit=1', { headers: { prefer } });
    expect([answer.status < 300, answer.headers['preference-applied'] ?? null]).toEqual([true, applied]);
  });
  test('all of an insert', async () => {
    const prefer =
      'tx=rollback, return=representation, resolution=merge-duplicates, missing=default, count=exact, handling=strict, timezone=UTC';
    const answer = await rest.post('/items?columns=id', { body: { id: 1 }, headers: { prefer } });
    expect(answer.headers['preference-applied']).toBe(
      'resolution=merge-duplicates, missing=default, return=representation, count=exact, tx=rollback, handling=strict, timezone=UTC',
    );
  });
  test('strict refuses what it does not know', async () => {
    const answer = await rest.get('/items', {
      headers: { prefer: 'handling=strict, nonsense=1, count=many' },
    });
    expect([answer.status, answer.body]).toMatchObject([
      400,
      {
        code: 'PGRST122',
        message: 'Invalid preferences given with handling=strict',
        details: 'Invalid preferences: nonsense=1, count=many',
      },
    ]);
    const zone = await rest.get('/items', { headers: { prefer: 'handling=strict, timezone=Mars/Olympus' } });
    expect([zone.status, zone.body]).toMatchObject([400, { code: 'PGRST122' }]);
  });
  test('timezone', async () => {
    const path = '/all_types?select=tstz&id=eq.1';
    const headers = { prefer: 'timezone=Asia/Tokyo' };
    expect(await rest.read(path, { headers })).toEqual([{ tstz: '2024-02-29T19:34:56+09:00' }]);
  });
});

describe('tx', () => {
  test('rollback undoes, commit keeps', async () => {
    await rest.post('/empty_table', { body: { id: 1 }, headers: { prefer: 'tx=rollback' } });
    expect(await rest.read('/empty_table')).toEqual([]);
    await rest.post('/empty_table', { body: { id: 1 }, headers: { prefer: 'tx=commit' } });
    expect(await rest.read('/empty_table?select=id')).toEqual([{ id: 1 }]);
  });
});

describe('tx without override', () => {
  const plain = useRest({ 'db-tx-end': 'commit' });
  test('counts for nothing', async () => {
    const answer = await plain.post('/empty_table', { body: { id: 2 }, headers: { prefer: 'tx=rollback' } });
    expect([answer.status, answer.headers['preference-applied']]).toEqual([201, undefined]);
    expect(await plain.read('/empty_table?select=id')).toEqual([{ id: 2 }]);
  });
});

describe('db-tx-end = rollback', () => {
  const dry = useRest({ 'db-tx-end': 'rollback' });
  test('nothing is ever kept', async () => {
    const answer = await dry.post('/empty_table', {
      body: { id: 2 },
      headers: { prefer: 'return=representation' },
    });
    expect([answer.status, answer.body]).toEqual([201, [{ id: 2, v: null }]]);
    expect(await dry.read('/empty_table')).toEqual([]);
  });
});

describe('what SQL sees of a request', () => {
  async function setting(name: string, call = {}): Promise<unknown> {
    return await rest.read(`/rpc/show_setting?name=${encodeURIComponent(name)}`, call);
  }
  test('method, path, headers, cookies, claims, role and search path', async () => {
    expect(await setting('request.method')).toBe('GET');
    expect(await setting('request.path')).toBe('/rpc/show_setting');
    const headers = { 'x-custom': 'äö "x"', cookie: 'a=1; b=two' };
    expect(
      JSON.parse((await setting('request.headers', { headers: { 'x-custom': 'plain "x"' } })) as string),
    ).toMatchObject({
      'x-custom': 'plain "x"',
    });
    expect(
      JSON.parse((await setting('request.cookies', { headers: { cookie: headers.cookie } })) as string),
    ).toEqual({
      a: '1',
      b: 'two',
    });
    expect(JSON.parse((await setting('request.jwt.claims', { as: 'user' })) as string)).toMatchObject({
      role: 'web_user',
      sub: 'ann',
    });
    expect(JSON.parse((await setting('request.jwt.claims')) as string)).toEqual({ role: 'web_anon' });
    expect(await setting('role')).toBe('web_anon');
    expect(await setting('role', { as: 'user' })).toBe('web_user');
    expect(await setting('search_path')).toBe('"api", "extra"');
    expect(await setting('app.settings.city')).toBe('Basel');
  });
  test('POST says so', async () => {
    const answer = await rest.post('/rpc/show_setting', { body: { name: 'request.method' } });
    expect(answer.body).toBe('POST');
  });
});

describe('what SQL says of the answer', () => {
  test('status and headers', async () => {
    const status = await rest.post('/rpc/set_status', { body: { status: '418' } });
    expect(status.status).toBe(418);
    const answer = await rest.post('/rpc/set_headers', { body: {} });
    expect([answer.status, answer.headers['x-one'], answer.headers['set-cookie'], answer.body]).toEqual([
      200,
      '1',
      'a=1, b=2',
      'done',
    ]);
    const type = await rest.post('/rpc/set_headers', {
      body: { headers: '[{"Content-Type": "application/x-own+json"}]' },
    });
    expect(type.headers['content-type']).toBe('application/x-own+json');
  });
  test.each([
    ['/rpc/set_status', { status: 'many' }, 'PGRST112', 'response.status guc must be a valid status code'],
    [
      '/rpc/set_headers',
      { headers: 'x' },
      'PGRST111',
      'response.headers guc must be a JSON array composed of objects with a single key and a string value',
    ],
    ['/rpc/set_headers', { headers: '{"a": "b"}' }, 'PGRST111', undefined],
  ])('%s with %o is 500', async (path, body, code, message) => {
    const answer = await rest.post(path, { body });
    expect([answer.status, answer.body]).toMatchObject([
      500,
      message === undefined ? { code } : { code, message },
    ]);
  });
  test('a trigger speaks too', async () => {
    const answer = await rest.post('/guarded', {
      body: { id: 50, amount: 1 },
      headers: { prefer: 'tx=rollback' },
    });
    expect([answer.status, answer.headers['x-guard']]).toEqual([201, 'passed']);
  });
});

describe('db-pre-request', () => {
  test('runs before, as the role of the request', async () => {
    expect(await rest.read('/rpc/show_setting?name=app.pre_request')).toBe('was here as web_anon');
    expect(await rest.read('/rpc/show_setting?name=app.pre_request', { as: 'user' })).toBe(
      'was here as web_user',
    );
    const answer = await rest.get('/items?limit=1', { headers: { 'x-header': 'seen' } });
    expect(answer.headers['x-from-pre-request']).toBe('seen');
    const blocked = await rest.get('/items', { headers: { 'x-block': 'yes' } });
    expect([blocked.status, blocked.body]).toMatchObject([
      401,
      { code: '42501', hint: 'Do not send X-Block' },
    ]);
  });
});

describe('schemas by profile', () => {
  test('reads and writes', async () => {
    const read = await rest.get('/artists', { headers: { 'accept-profile': 'v2' } });
    expect([read.body, read.headers['content-profile']]).toEqual([
      [{ id: 1, full_name: 'Ada B. (v2)' }],
      'v2',
    ]);
    const first = await rest.get('/artists?select=id&limit=1');
    expect(first.headers['content-profile']).toBe('api');
    const headers = { 'content-profile': 'v2', prefer: 'tx=rollback, return=representation' };
    const written = await rest.post('/artists', { body: { id: 9, full_name: 'x' }, headers });
    expect([written.status, written.body]).toEqual([201, [{ id: 9, full_name: 'x' }]]);
    const called = await rest.post('/rpc/hello', { body: {}, headers: { 'content-profile': 'v2' } });
    expect(called.body).toBe('hello from v2');
  });
  test('only those that are exposed', async () => {
    const answer = await rest.get('/secrets', { headers: { 'accept-profile': 'private' } });
    expect([answer.status, answer.body]).toEqual([
      406,
      {
        code: 'PGRST106',
        message: 'Invalid schema: private',
        details: null,
        hint: 'Only the following schemas are exposed: api, v2',
      },
    ]);
    const foreign = await rest.get('/guides', { headers: { 'accept-profile': 'v2' } });
    expect([foreign.status, foreign.body]).toMatchObject([404, { code: 'PGRST205' }]);
  });
  test('postgrest-js: schema()', async () => {
    const { data } = await rest.client().schema('v2').from('artists').select('full_name').single();
    expect(data).toEqual({ full_name: 'Ada B. (v2)' });
  });
});
