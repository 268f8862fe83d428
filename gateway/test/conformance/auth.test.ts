import { describe, expect, test } from 'vitest';
import { SECRET, signToken, useRest } from './rest-client.ts';

const rest = useRest({ 'jwt-aud': 'museum' });

const now = Math.floor(Date.now() / 1000);

async function withToken(claims: Record<string, unknown>, path = '/rpc/whoami', secret = SECRET) {
  return rest.get(path, { headers: { authorization: `Bearer ${await signToken(claims, secret)}` } });
}

describe('roles', () => {
  test('of nobody, of a token, of a token without one', async () => {
    expect(await rest.read('/rpc/whoami')).toBe('web_anon');
    expect(await rest.read('/rpc/whoami', { as: 'user' })).toBe('web_user');
    expect((await withToken({ sub: 'x' })).body).toBe('web_anon');
    expect((await withToken({ role: 'web_editor' })).body).toBe('web_editor');
  });
  test('settings of a role come with it', async () => {
    const answers = await Promise.all([
      withToken({ role: 'web_editor' }, '/rpc/show_setting?name=statement_timeout'),
      withToken({ role: 'web_editor' }, '/rpc/show_setting?name=transaction_isolation'),
    ]);
    expect(answers.map(({ body }) => body)).toEqual(['7s', 'repeatable read']);
  });
  test('a role that authenticator may not take, and one that is not', async () => {
    const stranger = await withToken({ role: 'web_stranger' });
    expect([stranger.status, stranger.body]).toMatchObject([403, { code: '42501' }]);
    const nobody = await withToken({ role: 'no_such_role' });
    expect([nobody.status, nobody.body]).toMatchObject([401, { code: '22023' }]);
  });
  test('another scheme is nobody', async () => {
    const answer = await rest.get('/rpc/whoami', { headers: { authorization: 'Basic YTpi' } });
    expect(answer.body).toBe('web_anon');
  });
});

describe('tokens that do not hold', () => {
  test.each([
    [{ exp: now - 3600 }, 'PGRST303', 'JWT expired'],
    [{ nbf: now + 3600 }, 'PGRST303', 'JWT not yet valid'],
    [{ iat: now + 3600 }, 'PGRST303', 'JWT issued at future'],
    [{ aud: 'zoo' }, 'PGRST303', 'JWT not in audience'],
    [{ aud: ['zoo', 'park'] }, 'PGRST303', 'JWT not in audience'],
  ])('%o', async (claims, code, message) => {
    const answer = await withToken({ role: 'web_user', ...claims });
    expect([answer.status, answer.body]).toMatchObject([401, { code, message }]);
    expect(answer.headers['www-authenticate']).toBe(
      `Bearer error="invalid_token", error_description="${message}"`,
    );
  });
  test.each([
    [{ aud: 'museum' }],
    [{ aud: ['zoo', 'museum'] }],
    [{ exp: now + 3600, nbf: now - 10, iat: now - 10 }],
  ])('%o holds', async (claims) => {
    expect((await withToken({ role: 'web_user', ...claims })).body).toBe('web_user');
  });
  test('another secret, and no token at all', async () => {
    const foreign = await withToken(
      { role: 'web_user' },
      '/rpc/whoami',
      'another secret of at least thirty-two bytes',
    );
    expect([foreign.status, foreign.body]).toMatchObject([401, { code: 'PGRST301' }]);
    for (const token of ['', 'x', 'a.b', 'a.b.c', 'eyJhbGciOiJub25lIn0.eyJyb2xlIjoid2ViX3VzZXIifQ.']) {
      const answer = await rest.get('/rpc/whoami', { headers: { authorization: `Bearer ${token}` } });
      expect([answer.status, answer.body]).toMatchObject([401, { code: 'PGRST301' }]);
    }
  });
});

describe('privileges', () => {
  test('401 for strangers, 403 for those who are known', async () => {
    const stranger = await rest.get('/users_only');
    expect([stranger.status, stranger.body, stranger.headers['www-authenticate']]).toMatchObject([
      401,
      { code: '42501', message: 'permission denied for table users_only' },
      'Bearer',
    ]);
    expect(await rest.read('/users_only', { as: 'user' })).toEqual([{ id: 1, v: 'for users' }]);
    const known = await rest.get('/locked', { as: 'user' });
    expect([known.status, known.body]).toMatchObject([403, { code: '42501' }]);
    expect(await rest.read('/rpc/forbidden', { as: 'user' })).toBe(1);
  });
  test('of columns', async () => {
    expect(await rest.read('/some_columns?select=id,open')).toEqual([{ id: 1, open: 'o' }]);
    expect(await rest.read('/some_columns?select=closed')).toMatchObject({
      status: 401,
      body: { code: '42501' },
    });
    const inserted = await rest.post('/some_columns?select=id,open', {
      body: { id: 2, open: 'x' },
      headers: { prefer: 'tx=rollback, return=representation' },
    });
    expect([inserted.status, inserted.body]).toEqual([201, [{ id: 2, open: 'x' }]]);
  });
  test('to write but not to read', async () => {
    const headers = { prefer: 'tx=rollback' };
    expect((await rest.post('/write_only', { body: { id: 1 }, headers })).status).toBe(201);
    expect(await rest.change('post', '/write_only', { id: 1 })).toMatchObject([401, { code: '42501' }]);
  });
});

describe('row-level security', () => {
  test('each sees what is theirs', async () => {
    expect(await rest.read('/notes?select=id')).toEqual([{ id: 1 }]);
    expect(await rest.read('/notes?select=id&order=id', { as: 'user' })).toEqual([{ id: 1 }, { id: 2 }]);
    expect((await withToken({ role: 'web_user', sub: 'bob' }, '/notes?select=id')).body).toEqual([{ id: 3 }]);
    expect((await withToken({ role: 'web_user', sub: `x' OR 'a'='a` }, '/notes?select=id')).body).toEqual([]);
  });
  test('embedded, counted and called too', async () => {
    expect(await rest.read('/note_pages?select=page,notes(body)&order=id', { as: 'user' })).toEqual([
      { page: 'p1', notes: { body: 'public of ann' } },
      { page: 'p2', notes: { body: 'secret of ann' } },
      { page: 'p3', notes: null },
    ]);
    const counted = await rest.head('/notes', { headers: { prefer: 'count=exact' } });
    expect(counted.headers['content-range']).toBe('0-0/1');
  });
  test('of changes', async () => {
    const headers = { prefer: 'tx=rollback, return=representation' };
    const own = await rest.post('/notes', { body: { id: 9, body: 'x' }, headers, as: 'user' });
    expect([own.status, own.body]).toEqual([201, [{ id: 9, owner: 'ann', is_public: false, body: 'x' }]]);
    const foreign = await rest.post('/notes', { body: { id: 9, owner: 'bob' }, headers, as: 'user' });
    expect([foreign.status, foreign.body]).toMatchObject([403, { code: '42501' }]);
    const patched = await rest.patch('/notes?id=gt.0&select=id', {
      body: { body: 'y' },
      headers,
      as: 'user',
    });
    expect(patched.body).toHaveLength(2);
    const anon = await rest.del('/notes?id=gt.0', { headers });
    expect([anon.status, anon.body]).toEqual([200, []]);
  });
});

describe('without a role for strangers', () => {
  const closed = useRest({ 'db-anon-role': null });
  test('only tokens', async () => {
    const answer = await closed.get('/artists');
    expect([answer.status, answer.body, answer.headers['www-authenticate']]).toMatchObject([
      401,
      { code: 'PGRST302', message: 'Anonymous access is disabled' },
      'Bearer',
    ]);
    expect(await closed.read('/rpc/whoami', { as: 'user' })).toBe('web_user');
  });
});

describe('jwt-role-claim-key', () => {
  const nested = useRest({ 'jwt-role-claim-key': '.realm.roles[1]' });
  test('finds the role deep inside', async () => {
    const token = await signToken({ realm: { roles: ['x', 'web_user'] } });
    expect(await nested.read('/rpc/whoami', { headers: { authorization: `Bearer ${token}` } })).toBe(
      'web_user',
    );
  });
});

describe('without a secret', () => {
  const open = useRest({ 'jwt-secret': null });
  test('no token can be read', async () => {
    const answer = await open.get('/artists', { as: 'user' });
    expect([answer.status, answer.body]).toMatchObject([500, { code: 'PGRST300' }]);
    expect(await open.read('/rpc/whoami')).toBe('web_anon');
  });
});
