/** Everybody's accounts, for administrators: orchestrator contract, sections 2, 4.1, 6 and 7.15. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type Api, api } from './support/api.ts';
import { createKey, createPerson, type Person, signIn, theAdmin, uniqueName } from './support/people.ts';
import { useProduct } from './support/product.ts';
import { unknownId } from './support/resources.ts';
import type { SharedError, TokenList, User, UserList } from './support/wire.ts';

const product = useProduct({
  env: { DEFAULT_RATE_LIMIT_PER_SECOND: '5000', DEFAULT_RATE_LIMIT_BURST: '50000' },
});
let admin: Person;

beforeAll(async () => {
  admin = await theAdmin(product());
});

const users = '/api/v1/users';

function both(text: string): SharedError {
  return { message: text, detail: text };
}

function patch<T = User>(id: number | string, body: unknown, caller: Api = admin.api): Promise<Answer<T>> {
  const headers = { 'content-type': 'application/json' };
  return caller.send<T>({ method: 'PATCH', path: `${users}/${id}`, raw: JSON.stringify(body), headers });
}

async function create(fields: object = {}): Promise<User> {
  const username = uniqueName('user');
  const body = { username, email: `${username}@example.com`, password: 'swordfish', ...fields };
  const answer = await admin.api.post<User>(users, body);
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
}

async function get(id: number): Promise<User> {
  const answer = await admin.api.get<User>(`${users}/${id}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
}

async function list(query: string): Promise<UserList> {
  const answer = await admin.api.get<UserList>(`${users}?${query}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
}

/** A browser's way: the session as a cookie. */
function withCookie(cookie: string): () => Promise<number> {
  const headers = { cookie };
  return async () =>
    (await api(product().url).send({ method: 'GET', path: '/api/v1/auth/me', headers })).status;
}

async function cookieOf(username: string, password: string): Promise<string> {
  const answer = await api(product().url).post('/api/v1/auth/sessions', { username, password });
  expect(answer.status, answer.text).toBe(201);
  return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

describe('a new user', () => {
  test('has what was asked for and the limits of the role, and can sign in at once', async () => {
    const username = uniqueName('Ada Lovelace ');
    const password = 'Swordfish 🔑';
    const email = `${uniqueName('Ada')}@Example.com`;
    const { status, body, text } = await admin.api.post<User>(users, { username, email, password });
    expect(status, text).toBe(200);
    expect(body).toEqual({
      id: expect.any(Number),
      username,
      email,
      is_active: true,
      is_admin: false,
      rate_limit_per_second: 5_000,
      rate_limit_burst: 50_000,
      created_at: expect.stringMatching(/Z$/),
      updated_at: expect.stringMatching(/Z$/),
    });
    expect(text).not.toContain('Swordfish');
    const caller = api(product().url, await signIn(product(), username.toUpperCase(), password));
    const me = await caller.get('/api/v1/auth/me');
    expect(me.body).toMatchObject({ id: body.id, username, email, rate_limit_per_second: 5_000 });
    expect(await get(body.id)).toEqual(body);
  });

  test('may be an administrator, and have limits of their own', async () => {
    expect(await create({ is_admin: true })).toMatchObject({
      is_admin: true,
      rate_limit_per_second: 10_000,
      rate_limit_burst: 100_000,
    });
    const own = await create({ is_admin: 'no', rate_limit_per_second: '1', rate_limit_burst: null });
    expect(own).toMatchObject({ is_admin: false, rate_limit_per_second: 1, rate_limit_burst: 50_000 });
  });
});

test('users are listed newest first, by pages and by whether they are active', async () => {
  const [one, two, three] = [await create(), await create(), await create()];
  await admin.api.delete(`${users}/${two.id}`);
  const ids = (page: UserList) => page.users.map(({ id }) => id);
  const all = await list('');
  expect(ids(all).slice(0, 3)).toEqual([three.id, two.id, one.id]);
  expect(all.total).toBe(all.users.length);
  expect(all.users).toContainEqual(one);
  expect(await list('skip=1&limit=1')).toEqual({ users: [await get(two.id)], total: all.total });
  const [active, inactive] = [await list('is_active=TRUE'), await list('is_active=off&limit=100')];
  expect(ids(active).slice(0, 2)).toEqual([three.id, one.id]);
  expect(ids(inactive)[0]).toBe(two.id);
  expect(active.total + inactive.total).toBe(all.total);
  expect(await list('skip=99999999999999999999')).toEqual({ users: [], total: all.total });
});

test('a user is found by the integer id, and by the UUID that the other surface shows', async () => {
  const person = await createPerson(product());
  const user = await get(person.id);
  for (const uuid of [person.internal_user_id, person.internal_user_id.toUpperCase()]) {
    expect((await admin.api.get(`${users}/${uuid}`)).body).toEqual(user);
  }
  for (const id of ['999999999', '2147483648', '9223372036854775807', unknownId()]) {
    const requests = [
      admin.api.get(`${users}/${id}`),
      patch(id, {}),
      admin.api.delete(`${users}/${id}`),
      admin.api.get(`${users}/${id}/tokens`),
      admin.api.delete(`${users}/${id}/tokens/1`),
    ];
    for (const { status, body } of await Promise.all(requests)) {
      expect({ id, status, body }).toEqual({ id, status: 404, body: both('User not found') });
    }
  }
});

describe('a change', () => {
  test('leaves what is null or absent', async () => {
    const user = await create();
    const nothing = { username: null, email: null, password: null, is_admin: null, is_active: null };
    for (const body of [{}, { ...nothing, rate_limit_burst: null, rate_limit_per_second: null }, { x: 1 }]) {
      const answer = await patch(user.id, body);
      expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: user });
    }
    expect(await get(user.id)).toEqual(user);
  });

  test('is shown, and kept', async () => {
    const user = await create();
    const username = uniqueName('renamed');
    const wanted = { username, email: `${username}@example.org`, rate_limit_burst: 7 };
    const { body } = await patch(user.id, wanted);
    expect(body).toEqual({ ...user, ...wanted, updated_at: body.updated_at });
    expect(Date.parse(body.updated_at)).toBeGreaterThan(Date.parse(user.updated_at));
    expect(await get(user.id)).toEqual(body);
    await signIn(product(), username, 'swordfish');
  });

  test('of role takes the limits along that were the role’s', async () => {
    const plain = await create();
    expect((await patch(plain.id, { is_admin: true })).body).toMatchObject({
      rate_limit_per_second: 10_000,
      rate_limit_burst: 100_000,
    });
    expect((await patch(plain.id, { is_admin: false, rate_limit_burst: 9 })).body).toMatchObject({
      rate_limit_per_second: 5_000,
      rate_limit_burst: 9,
    });
    const own = await create({ rate_limit_per_second: 8 });
    expect((await patch(own.id, { is_admin: true })).body).toMatchObject({
      rate_limit_per_second: 8,
      rate_limit_burst: 100_000,
    });
  });

  test('of password ends JWTs and cookies, and leaves keys', async () => {
    const person = await createPerson(product());
    const cookie = withCookie(await cookieOf(person.username, person.password));
    const jwt = api(product().url, person.jwt);
    expect([await cookie(), (await jwt.get('/auth/me')).status]).toEqual([200, 200]);
    expect((await patch(person.id, { password: 'another one' })).status).toBe(200);
    expect([await cookie(), (await jwt.get('/auth/me')).status]).toEqual([401, 401]);
    expect((await person.api.get('/auth/me')).status).toBe(200);
    const { username } = person;
    const old = await api(product().url).post('/api/v1/auth/login', { username, password: person.password });
    expect(old.status).toBe(401);
    await signIn(product(), username, 'another one');
  });

  test('of role counts from the next request on, for every credential', async () => {
    const person = await createPerson(product(), 'boss', ['--admin']);
    const jwt = api(product().url, person.jwt);
    const statuses = async () => [
      (await jwt.get(users)).status,
      (await person.api.get(users)).status,
      (await jwt.get('/auth/me')).status,
    ];
    expect(await statuses()).toEqual([200, 200, 200]);
    await patch(person.id, { is_admin: false });
    expect(await statuses()).toEqual([403, 403, 200]);
    await patch(person.id, { is_admin: true });
    expect(await statuses()).toEqual([200, 200, 200]);
  });
});

test('deactivation shuts out at once, and can be taken back', async () => {
  const person = await createPerson(product());
  const cookie = withCookie(await cookieOf(person.username, person.password));
  const jwt = api(product().url, person.jwt);
  expect([await cookie(), (await jwt.get('/auth/me')).status]).toEqual([200, 200]);
  for (const _ of ['once', 'again']) {
    const { status, body } = await admin.api.delete(`${users}/${person.id}`);
    expect({ status, body }).toEqual({
      status: 200,
      body: { status: 'success', message: 'User deactivated' },
    });
  }
  expect(await cookie()).toBe(401);
  expect((await jwt.get('/api/v1/auth/me')).body).toEqual(both('User not found or inactive'));
  expect((await person.api.get('/api/v1/auth/me')).body).toEqual(both('User account is disabled'));
  expect((await get(person.id)).is_active).toBe(false);
  expect((await patch(person.id, { is_active: true })).body.is_active).toBe(true);
  expect((await person.api.get('/api/v1/auth/me')).status).toBe(200);
  expect([await cookie(), (await jwt.get('/auth/me')).status]).toEqual([401, 401]);
  await signIn(product(), person.username, person.password);
});

describe('the tokens of a user', () => {
  test('are shown to administrators as to their owner, and revoked at once', async () => {
    const person = await createPerson(product());
    const { id, key } = await createKey(person.api);
    const path = `${users}/${person.id}/tokens`;
    const listed = await admin.api.get<TokenList>(path);
    expect(listed.status).toBe(200);
    const own = (await person.api.get<TokenList>('/api/v1/auth/tokens')).body;
    const withoutUse = ({ tokens, total }: TokenList) => ({
      total,
      tokens: tokens.map((token) => ({ ...token, last_used_at: null })),
    });
    expect(withoutUse(listed.body)).toEqual(withoutUse(own));
    expect(listed.body.tokens[0]).toMatchObject({ id, is_revoked: false, scopes: null });
    const caller = api(product().url, key);
    expect((await caller.get('/auth/me')).status).toBe(200);
    for (const _ of ['once', 'again']) {
      const { status, body } = await admin.api.delete(`${path}/${id}`);
      expect({ status, body }).toEqual({
        status: 200,
        body: { status: 'success', message: 'Token revoked' },
      });
    }
    expect((await caller.get('/auth/me')).status).toBe(401);
    expect((await admin.api.get<TokenList>(path)).body.tokens[0]).toMatchObject({ id, is_revoked: true });
    const byUuid = await admin.api.get<TokenList>(`${users}/${person.internal_user_id}/tokens`);
    expect(byUuid.body.total).toBe(own.total);
  });

  test('of somebody else are none of theirs', async () => {
    const [person, other] = [await createPerson(product()), await createPerson(product())];
    const { id, key } = await createKey(person.api);
    for (const token of [id, '999999999', '9223372036854775807', unknownId()]) {
      const { status, body } = await admin.api.delete(`${users}/${other.id}/tokens/${token}`);
      expect({ token, status, body }).toEqual({ token, status: 404, body: both('Token not found') });
    }
    expect((await api(product().url, key).get('/auth/me')).status).toBe(200);
  });
});
