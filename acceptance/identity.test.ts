/** Sign-in and who is signed in: contract rules 3, 7, 8, 9; supacontrol and orchestrator, section 2. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type Api, api } from './support/api.ts';
import { createKey, createPerson, deactivate, type Person, signIn } from './support/people.ts';
import { useProduct } from './support/product.ts';
import type { SharedError, SignedIn } from './support/wire.ts';

const product = useProduct();
let alice: Person;
let nobody: Api;

beforeAll(async () => {
  alice = await createPerson(product(), 'alice');
  nobody = api(product().url);
});

function both(text: string): SharedError {
  return { message: text, detail: text };
}

function decoded(jwt: string): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const [header = '', claims = ''] = jwt.split('.');
  const read = (part: string) =>
    JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  return { header: read(header), claims: read(claims) };
}

test('a sign-in answers for both contracts with a JWT of 24 hours', async () => {
  const { username, password } = alice;
  const { status, body } = await nobody.post<SignedIn>('/api/v1/auth/login', { username, password });
  expect(status).toBe(200);
  expect(body).toEqual({
    token: expect.any(String),
    access_token: body.token,
    token_type: 'bearer',
    expires_in: 86_400,
  });
  const { header, claims } = decoded(body.token);
  expect(header).toMatchObject({ alg: 'HS256' });
  expect(claims).toMatchObject({ type: 'session', sub: expect.any(String) });
  expect(Number(claims.exp) - Number(claims.iat)).toBe(86_400);
  expect(Math.abs(Number(claims.iat) - Date.now() / 1_000)).toBeLessThan(10);
});

test.each([
  '',
  '{',
  '[]',
  'null',
  '"admin"',
  '{}',
  '{"username": "admin"}',
  '{"password": "secret"}',
  '{"username": null, "password": "secret"}',
  '{"username": "", "password": "secret"}',
  '{"username": "admin", "password": ""}',
  '{"username": 7, "password": "secret"}',
  '{"username": "admin", "password": ["secret"]}',
])('the sign-in body %j is refused', async (raw) => {
  const { status, body } = await nobody.send({
    method: 'POST',
    path: '/api/v1/auth/login',
    raw,
    headers: { 'content-type': 'application/json' },
  });
  expect({ status, body }).toEqual({ status: 400, body: both('username and password are required') });
});

test('an unknown name and a wrong password are one answer', async () => {
  const attempts = [
    { username: alice.username, password: 'wrong' },
    { username: 'nobody-of-that-name', password: alice.password },
    { username: 'admin', password: 'admin' },
    { username: `${alice.username}\u0000`, password: alice.password },
    { username: `' or 1=1 --`, password: `' or 1=1 --` },
    { username: alice.username, password: `${alice.password} ` },
    { username: alice.username, password: 'x'.repeat(5_000) },
  ];
  for (const attempt of attempts) {
    const { status, body } = await nobody.post('/api/v1/auth/login', attempt);
    expect({ attempt, status, body }).toEqual({
      attempt,
      status: 401,
      body: both('Invalid username or password'),
    });
  }
});

test('a deactivated user is told so only with the right password, and is out everywhere', async () => {
  const leaver = await createPerson(product(), 'leaver');
  expect((await api(product().url, leaver.jwt).get('/auth/me')).status).toBe(200);
  await deactivate(product(), leaver.username);
  const attempt = (password: string) =>
    nobody.post('/api/v1/auth/login', { username: leaver.username, password });
  expect(await attempt(leaver.password)).toMatchObject({
    status: 401,
    body: both('User account is disabled'),
  });
  expect(await attempt('wrong')).toMatchObject({ status: 401, body: both('Invalid username or password') });
  const byKey = await leaver.api.get('/api/v1/auth/me');
  expect({ status: byKey.status, body: byKey.body }).toEqual({
    status: 401,
    body: both('User account is disabled'),
  });
  const byJwt = await api(product().url, leaver.jwt).get('/api/v1/auth/me');
  expect({ status: byJwt.status, body: byJwt.body }).toEqual({
    status: 401,
    body: both('User not found or inactive'),
  });
});

test('the signed-in person is shown to each contract in its words', async () => {
  const { id, username, email, internal_user_id } = alice;
  expect(Number.isInteger(id)).toBe(true);
  const shared = await alice.api.get('/api/v1/auth/me');
  expect(shared).toMatchObject({
    status: 200,
    body: {
      id,
      username,
      email,
      is_admin: false,
      is_active: true,
      rate_limit_per_second: 10_000,
      rate_limit_burst: 100_000,
      created_at: expect.stringMatching(/Z$/),
      authenticated: true,
      user: { id: expect.any(String), email, username },
    },
  });
  for (const path of ['/auth/me', '/api/me']) {
    const { status, body } = await alice.api.get(path);
    expect({ status, body }).toEqual({
      status: 200,
      body: { internal_user_id, oidc_sub: '', email, id, username, is_admin: false },
    });
  }
});

test('the first administrator is one, with the limits of administrators', async () => {
  const { adminUsername, adminPassword } = product();
  const admin = api(product().url, await signIn(product(), adminUsername, adminPassword));
  expect((await admin.get('/api/v1/auth/me')).body).toMatchObject({
    username: 'admin',
    is_admin: true,
    rate_limit_per_second: 10_000,
    rate_limit_burst: 100_000,
  });
});

describe('without a valid credential', () => {
  const missing = { message: 'missing or malformed jwt', detail: 'Missing authentication credentials' };
  const invalidJwt = both('Invalid or expired token');
  const invalidKey = both('Invalid or expired API token');
  const unsigned = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${Buffer.from(
    '{"sub":"1","type":"session","exp":4102444800}',
  ).toString('base64url')}.`;

  test.each([
    ['no header', undefined, missing],
    ['another scheme', 'Basic YWRtaW46YWRtaW4=', missing],
    ['a token alone', 'eyJhbGciOiJIUzI1NiJ9', missing],
    ['nonsense', 'Bearer nonsense', invalidJwt],
    ['an unsigned JWT', `Bearer ${unsigned}`, invalidJwt],
    ['an unknown API key', `Bearer sk_live_${'0'.repeat(49)}`, invalidKey],
    ['an unknown API token', `Bearer ora_${'0'.repeat(49)}`, invalidKey],
    ['a bare prefix', 'Bearer sk_live_', invalidKey],
  ])('%s is refused in the words of each surface', async (_, authorization, shared) => {
    const headers = authorization === undefined ? {} : { authorization };
    const cases = [
      ['/api/v1/auth/me', shared],
      ['/api/v1/auth/api-keys', shared],
      ['/api/v1/auth/tokens', shared],
      ['/auth/me', { error: 'Unauthorized. Please log in.' }],
      ['/api/databases', { error: 'Unauthorized. Please log in.' }],
      ['/databases', { error: 'Unauthorized. Please log in.' }],
    ] as const;
    for (const [path, expected] of cases) {
      const { status, body } = await nobody.send({ method: 'GET', path, headers });
      expect({ path, status, body }).toEqual({ path, status: 401, body: expected });
    }
  });

  test('a JWT with another signature or other claims is refused', async () => {
    const [header = '', claims = '', signature = ''] = alice.jwt.split('.');
    const changed = { ...decoded(alice.jwt).claims, sub: '1' };
    const forged = Buffer.from(JSON.stringify(changed)).toString('base64url');
    const twisted = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    for (const token of [
      `${header}.${claims}.${twisted}`,
      `${header}.${forged}.${signature}`,
      `${header}.${claims}.`,
    ]) {
      const { status, body } = await api(product().url, token).get('/api/v1/auth/me');
      expect({ status, body }).toEqual({ status: 401, body: invalidJwt });
    }
  });

  test('an API key with one character changed fails its checksum', async () => {
    const { key } = await createKey(alice.api);
    const last = key.endsWith('0') ? '1' : '0';
    const { status, body } = await api(product().url, `${key.slice(0, -1)}${last}`).get('/api/v1/auth/me');
    expect({ status, body }).toEqual({ status: 401, body: invalidKey });
  });
});

test('the name of the scheme has no case', async () => {
  const headers = { authorization: `bearer ${alice.jwt}` };
  expect((await nobody.send({ method: 'GET', path: '/api/v1/auth/me', headers })).status).toBe(200);
});

test('what is no route, or no method of one, says so in both words', async () => {
  const unknown = await alice.api.get('/api/v1/auth/nope');
  expect({ status: unknown.status, body: unknown.body }).toEqual({ status: 404, body: both('Not Found') });
  const wrong = await alice.api.send({ method: 'PUT', path: '/api/v1/auth/me' });
  expect({ status: wrong.status, body: wrong.body }).toEqual({
    status: 405,
    body: both('Method Not Allowed'),
  });
  expect(wrong.headers.allow).toContain('GET');
});

test('every answer carries its own request id and the headers that browsers heed', async () => {
  const ids = new Set<string>();
  for (const path of [
    '/health',
    '/healthz',
    '/api/v1/auth/me',
    '/api/databases',
    '/auth/me',
    '/api/v1/nope',
  ]) {
    const { headers } = await nobody.get(path);
    expect(headers, path).toMatchObject({
      'x-request-id': expect.any(String),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'strict-origin-when-cross-origin',
    });
    ids.add(String(headers['x-request-id']));
  }
  expect(ids.size).toBe(6);
});
