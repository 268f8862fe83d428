/** API keys and API tokens, one kind of record with two doors: contract rule 10; supacontrol 2, 3 and 4.1. */
import { beforeAll, expect, test } from 'vitest';
import { type Api, api } from './support/api.ts';
import { createKey, createPerson, type Person, theAdmin } from './support/people.ts';
import { useProduct } from './support/product.ts';
import { until } from './support/until.ts';
import {
  type CreatedKey,
  type CreatedToken,
  type Key,
  knownScopes,
  type SharedError,
  type Token,
} from './support/wire.ts';

const product = useProduct();
let alice: Person;
let bob: Person;

beforeAll(async () => {
  alice = await createPerson(product(), 'alice');
  bob = await createPerson(product(), 'bob');
});

const keys = '/api/v1/auth/api-keys';
const tokens = '/api/v1/auth/tokens';
const surfaces = ['/api/v1/auth/me', '/api/v1/auth/tokens', '/auth/me', '/api/databases', '/databases'];

function both(text: string): SharedError {
  return { message: text, detail: text };
}

async function createToken(caller: Api, name = 'token'): Promise<CreatedToken> {
  const { status, text, body } = await caller.post<CreatedToken>(tokens, { name });
  expect(status, text).toBe(200);
  return body;
}

async function statuses(secret: string): Promise<number[]> {
  const caller = api(product().url, secret);
  const answers = await Promise.all(surfaces.map((path) => caller.get(path)));
  return answers.map((answer) => answer.status);
}

test('a key is shown once, and works at once on every surface', async () => {
  const { status, body } = await alice.api.post<CreatedKey>(keys, { name: '  Production Key ' });
  expect(status).toBe(201);
  expect(body).toEqual({
    id: expect.any(Number),
    name: 'Production Key',
    key: expect.stringMatching(/^sk_live_[0-9A-Za-z]{44,}$/),
    created_at: expect.stringMatching(/Z$/),
    expires_at: null,
    scopes: null,
  });
  expect(await statuses(body.key)).toEqual([200, 200, 200, 200, 200]);
  const listed = await alice.api.get<readonly Key[]>(keys);
  expect(listed.body[0]).toMatchObject({ id: body.id, name: 'Production Key', revoked_at: null });
  expect(listed.body[0]?.prefix).toMatch(/^sk_live_/);
  expect(listed.text).not.toContain(body.key);
  expect((await alice.api.get(tokens)).text).not.toContain(body.key);
});

test('a token is shown once, and works at once on every surface', async () => {
  const { status, body } = await alice.api.post<CreatedToken>(tokens, { name: 'My API Token' });
  expect(status).toBe(200);
  expect(body).toEqual({
    id: expect.any(Number),
    name: 'My API Token',
    token: expect.stringMatching(/^ora_[0-9A-Za-z]{44,}$/),
    expires_at: null,
    created_at: expect.stringMatching(/Z$/),
    scopes: null,
  });
  expect(await statuses(body.token)).toEqual([200, 200, 200, 200, 200]);
  const listed = await alice.api.get<{ tokens: readonly Token[]; total: number }>(tokens);
  expect(listed.body.tokens[0]).toMatchObject({ id: body.id, name: 'My API Token', is_revoked: false });
  expect(listed.text).not.toContain(body.token);
});

test('a revoked one is refused at once, and stays in both lists', async () => {
  const caller = (await createPerson(product(), 'carol')).api;
  const key = await createKey(caller);
  const token = await createToken(caller);
  const first = await caller.delete(`${keys}/${key.id}`);
  expect(first).toMatchObject({ status: 200, body: { message: 'API key revoked successfully' } });
  expect(await statuses(key.key)).toEqual([401, 401, 401, 401, 401]);
  const second = await caller.delete(`${tokens}/${token.id}`);
  expect(second).toMatchObject({ status: 200, body: { status: 'success', message: 'Token revoked' } });
  expect(await statuses(token.token)).toEqual([401, 401, 401, 401, 401]);
  const listed = (await caller.get<readonly Key[]>(keys)).body;
  expect(listed.slice(0, 2).map((one) => one.id)).toEqual([token.id, key.id]);
  for (const one of listed.slice(0, 2)) expect(one.revoked_at).toMatch(/Z$/);
  await caller.delete(`${keys}/${key.id}`);
  expect((await caller.get<readonly Key[]>(keys)).body).toEqual(listed);
  const other = (await caller.get<{ tokens: readonly Token[]; total: number }>(tokens)).body;
  expect(other.total).toBe(other.tokens.length);
  expect(other.tokens.map((one) => one.id)).toEqual(listed.map((one) => one.id));
  expect(other.tokens.slice(0, 2).map((one) => one.is_revoked)).toEqual([true, true]);
});

test('each door revokes what the other made', async () => {
  const key = await createKey(alice.api);
  const token = await createToken(alice.api);
  expect((await alice.api.delete(`${tokens}/${key.id}`)).status).toBe(200);
  expect((await alice.api.delete(`${keys}/${token.id}`)).status).toBe(200);
  expect(await statuses(key.key)).toContain(401);
  expect(await statuses(token.token)).toContain(401);
});

test('a foreign key does not exist, except for administrators', async () => {
  const { id, key } = await createKey(alice.api);
  const keyNotFound = { status: 404, body: both('API key not found') };
  expect(await bob.api.delete(`${keys}/${id}`)).toMatchObject(keyNotFound);
  expect(await bob.api.delete(`${keys}/999999999`)).toMatchObject(keyNotFound);
  expect(await bob.api.delete(`${tokens}/${id}`)).toMatchObject({
    status: 404,
    body: both('Token not found'),
  });
  expect((await bob.api.get<readonly Key[]>(keys)).body.map((one) => one.id)).not.toContain(id);
  expect(await statuses(key)).toEqual([200, 200, 200, 200, 200]);
  const admin = await theAdmin(product());
  expect((await admin.api.get<readonly Key[]>(keys)).body.map((one) => one.id)).not.toContain(id);
  expect((await admin.api.delete(`${keys}/${id}`)).status).toBe(200);
  expect(await statuses(key)).toEqual([401, 401, 401, 401, 401]);
});

test.each(['12abc', '0x1', 'abc', '1234567890', '1.5', '-1', '%20', '00000000-0000-4000-8000-000000000000'])(
  'the key id %s is unknown',
  async (id) => {
    const { status, body } = await alice.api.delete(`${keys}/${id}`);
    expect({ status, body }).toEqual({ status: 404, body: both('API key not found') });
  },
);

const unknownScopes = `scopes must be a list of known scopes: ${knownScopes.join(', ')}`;

test.each([
  ['', 'invalid request body'],
  ['{', 'invalid request body'],
  ['[]', 'invalid request body'],
  ['"name"', 'invalid request body'],
  ['null', 'invalid request body'],
  ['{}', 'name is required'],
  ['{"name": ""}', 'name is required'],
  ['{"name": "   "}', 'name is required'],
  ['{"name": null}', 'name is required'],
  ['{"name": 7}', 'name is required'],
  [`{"name": "${'n'.repeat(256)}"}`, 'name must be at most 255 characters'],
  ['{"name": "k", "expires_at": "2001-01-01T00:00:00Z"}', 'expires_at must be a future time'],
  ['{"name": "k", "expires_at": "tomorrow"}', 'expires_at must be a future time'],
  ['{"name": "k", "expires_at": "2999-02-30T00:00:00Z"}', 'expires_at must be a future time'],
  ['{"name": "k", "expires_at": 4102444800}', 'expires_at must be a future time'],
  ['{"name": "k", "expires_at": {}}', 'expires_at must be a future time'],
  ['{"name": "k", "scopes": "read"}', unknownScopes],
  ['{"name": "k", "scopes": []}', unknownScopes],
  ['{"name": "k", "scopes": ["read", "fly"]}', unknownScopes],
  ['{"name": "k", "scopes": ["read", 7]}', unknownScopes],
  ['{"name": "k", "scopes": {"read": true}}', unknownScopes],
])('the key body %s is refused: %s', async (raw, text) => {
  const { status, body } = await alice.api.send({
    method: 'POST',
    path: keys,
    raw,
    headers: { 'content-type': 'application/json' },
  });
  expect({ status, body }).toEqual({ status: 400, body: both(text) });
});

test('another media type and a large body are refused by the shared words', async () => {
  const typed = await alice.api.send({
    method: 'POST',
    path: keys,
    raw: 'name=k',
    headers: { 'content-type': 'text/plain' },
  });
  expect(typed).toMatchObject({ status: 415, body: both('Content-Type must be application/json') });
  const raw = JSON.stringify({ name: 'k'.repeat(2 * 1024 * 1024) });
  for (const path of [keys, tokens]) {
    const large = await alice.api.send({
      method: 'POST',
      path,
      raw,
      headers: { 'content-type': 'application/json' },
    });
    expect(large).toMatchObject({ status: 413, body: both('Request body too large') });
  }
});

test('names up to 255 characters, and of any script, are kept as they are', async () => {
  for (const name of ['n'.repeat(255), `'; DROP TABLE users; --`, 'Schlüssel 钥匙 🔑']) {
    expect((await createKey(alice.api, name)).name).toBe(name);
  }
});

test('a key with scopes shows them at both doors, does what they say, and makes none that is stronger', async () => {
  const { status, body } = await alice.api.post<CreatedKey>(keys, {
    name: 'reader',
    scopes: ['read', 'account:write', 'read'],
  });
  expect(status).toBe(201);
  expect(body.scopes).toEqual(['read', 'account:write']);
  const reader = api(product().url, body.key);
  const listed = (await reader.get<readonly Key[]>(keys)).body.find(({ id }) => id === body.id);
  const asToken = (await reader.get<{ tokens: readonly Token[] }>(tokens)).body.tokens.find(
    ({ id }) => id === body.id,
  );
  expect([listed?.scopes, asToken?.scopes]).toEqual([body.scopes, body.scopes]);
  expect((await reader.get('/api/databases')).status).toBe(200);
  expect((await reader.post('/api/databases', { name: 'never' })).status).toBe(403);
  const stronger = { status: 403, body: both('A key cannot make a stronger one') };
  for (const path of [keys, tokens]) {
    expect(await reader.post(path, { name: 'more', scopes: ['write'] })).toMatchObject(stronger);
    expect(await reader.post(path, { name: 'more', scopes: ['read', 'user:read'] })).toMatchObject({
      body: { scopes: ['read', 'user:read'] },
    });
    // Without a word about scopes a key makes its like.
    expect(await reader.post(path, { name: 'same' })).toMatchObject({ body: { scopes: body.scopes } });
  }
  const lesser = await alice.api.post<CreatedKey>(keys, { name: 'lesser', scopes: ['database:read'] });
  const refused = await api(product().url, lesser.body.key).get(keys);
  expect(refused).toMatchObject({ status: 403, body: both('This key lacks the scope account:read') });
});

test('an expired key or token is refused', async () => {
  const expires_at = new Date(Date.now() + 2_500).toISOString();
  const key = await alice.api.post<CreatedKey>(keys, { name: 'brief', expires_at });
  const token = await alice.api.post<CreatedToken>(tokens, { name: 'brief', expires_at });
  expect([key.status, token.status]).toEqual([201, 200]);
  expect(Date.parse(key.body.expires_at ?? '')).toBe(Date.parse(expires_at));
  for (const secret of [key.body.key, token.body.token]) expect(await statuses(secret)).toContain(200);
  for (const secret of [key.body.key, token.body.token]) {
    await until(async () => (await statuses(secret)).every((status) => status === 401), {
      what: 'the key is refused',
      timeoutMs: 5_000,
    });
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expires_at));
    const { body } = await api(product().url, secret).get('/api/v1/auth/me');
    expect(body).toEqual(both('Invalid or expired API token'));
  }
});

test('the last use is told, exact to a minute', async () => {
  const { id, key } = await createKey(alice.api);
  expect(await statuses(key)).toContain(200);
  const seen = await until(
    async () => {
      const listed = (await alice.api.get<readonly Key[]>(keys)).body;
      return listed.find((one) => one.id === id)?.last_used_at ?? undefined;
    },
    { what: 'the last use is recorded', timeoutMs: 60_000, everyMs: 500 },
  );
  expect(Math.abs(Date.parse(seen) - Date.now())).toBeLessThan(120_000);
});

test('keys outlive a restart, revoked ones stay revoked', async () => {
  const stays = await createKey(alice.api);
  const goes = await createKey(alice.api);
  await alice.api.delete(`${keys}/${goes.id}`);
  await product().restart();
  expect(await statuses(stays.key)).toEqual([200, 200, 200, 200, 200]);
  expect(await statuses(goes.key)).toEqual([401, 401, 401, 401, 401]);
  expect((await api(product().url, alice.jwt).get('/auth/me')).status).toBe(200);
});
