/** What the routes of users refuse, in which order, and how they say so: orchestrator contract, section 3. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type Api, api } from './support/api.ts';
import { createPerson, type Person, theAdmin, uniqueName } from './support/people.ts';
import { useProduct } from './support/product.ts';
import type { FieldError, SharedError, User } from './support/wire.ts';

const product = useProduct();
let admin: Person;
let member: Person;

beforeAll(async () => {
  admin = await theAdmin(product());
  member = await createPerson(product(), 'member');
});

const users = '/api/v1/users';
const json = { 'content-type': 'application/json' };

interface Faults {
  readonly message: string;
  readonly detail: readonly FieldError[];
}

function both(text: string): SharedError {
  return { message: text, detail: text };
}

function send<T = Faults>(method: string, path: string, body?: unknown, caller?: Api): Promise<Answer<T>> {
  const raw = typeof body === 'string' ? body : JSON.stringify(body);
  const sent = { method, path: `${users}${path}` };
  return (caller ?? admin.api).send<T>(body === undefined ? sent : { ...sent, raw, headers: json });
}

function newUser(fields: object = {}) {
  const username = uniqueName('user');
  return { username, email: `${username}@example.com`, password: 'swordfish', ...fields };
}

async function create(fields: object = {}): Promise<User> {
  const { status, text, body } = await send<User>('POST', '', newUser(fields));
  expect(status, text).toBe(200);
  return body;
}

/** The entries of a 422 as `[type, ...loc]`. */
async function faultsOf(answer: Promise<Answer<Faults>>): Promise<unknown[]> {
  const { status, text, body } = await answer;
  expect(status, text).toBe(422);
  const [first] = body.detail;
  expect(body.message).toBe(`${first?.loc.at(-1)}: ${first?.msg}`);
  return body.detail.map(({ type, loc }) => [type, ...loc]);
}

test('credential, role, fields, existence, state: the first that fails is told', async () => {
  const nobody = api(product().url);
  const bad = [
    ['GET', '?limit=x'],
    ['POST', '', '{"broken'],
    ['GET', '/abc'],
    ['PATCH', '/abc', { is_admin: 'x' }],
    ['DELETE', '/0'],
    ['GET', '/abc/tokens'],
    ['DELETE', '/abc/tokens/abc'],
  ] as const;
  for (const [method, path, body] of bad) {
    const refused = await send<SharedError>(method, path, body, nobody);
    expect({ status: refused.status, detail: refused.body.detail }).toEqual({
      status: 401,
      detail: 'Missing authentication credentials',
    });
    const forbidden = await send<SharedError>(method, path, body, member.api);
    expect({ status: forbidden.status, body: forbidden.body }).toEqual({
      status: 403,
      body: both('Admin privileges required'),
    });
    expect((await send(method, path, body)).status).toBe(422);
  }
  // Fields before existence, existence before duplicates.
  expect(await faultsOf(send('PATCH', '/999999999', { email: 'x' }))).toEqual([
    ['value_error', 'body', 'email'],
  ]);
  expect((await send('PATCH', '/999999999', { username: 'admin' })).status).toBe(404);
  const dupe = await send<SharedError>('PATCH', `/${member.id}`, { username: 'admin' });
  expect({ status: dupe.status, body: dupe.body }).toEqual({
    status: 422,
    body: both('Username already exists'),
  });
});

describe('a field', () => {
  test.each<[string, unknown, string, Readonly<Record<string, unknown>>?]>([
    ['username', 7, 'string_type'],
    ['username', 'ab', 'string_too_short', { min_length: 3 }],
    ['username', 'u'.repeat(51), 'string_too_long', { max_length: 50 }],
    ['username', 'a\u0000bc', 'value_error', { error: expect.any(String) }],
    ['username', 'ab\nc', 'value_error', { error: expect.any(String) }],
    ['email', ['x'], 'string_type'],
    ['email', 'no-address', 'value_error', { reason: 'An email address must have an @-sign.' }],
    ['email', 'ada@example', 'value_error', { reason: expect.stringContaining('should have a period') }],
    ['email', `${'e'.repeat(64)}@${'e.'.repeat(95)}com`, 'string_too_long', { max_length: 255 }],
    ['is_admin', 'maybe', 'bool_parsing'],
    ['is_admin', 2, 'bool_parsing'],
    ['is_admin', [], 'bool_type'],
    ['rate_limit_per_second', 0, 'greater_than_equal', { ge: 1 }],
    ['rate_limit_per_second', -5, 'greater_than_equal', { ge: 1 }],
    ['rate_limit_per_second', 10_001, 'less_than_equal', { le: 10_000 }],
    ['rate_limit_per_second', 1.5, 'int_from_float'],
    ['rate_limit_per_second', 'many', 'int_parsing'],
    ['rate_limit_per_second', {}, 'int_type'],
    ['rate_limit_burst', 0, 'greater_than_equal', { ge: 1 }],
    ['rate_limit_burst', 100_001, 'less_than_equal', { le: 100_000 }],
  ])('%s of %j is refused: %s', async (field, input, type, ctx) => {
    const answers = [
      send('POST', '', newUser({ [field]: input })),
      send('PATCH', `/${member.id}`, { [field]: input }),
    ];
    for (const answer of await Promise.all(answers)) {
      expect(answer.status).toBe(422);
      expect(answer.body.detail).toEqual([
        { type, loc: ['body', field], msg: expect.any(String), input, ...(ctx && { ctx }) },
      ]);
    }
  });

  test('that is a password is never repeated', async () => {
    for (const [password, type] of [
      ['herring', 'string_too_short'],
      ['herring'.repeat(200), 'string_too_long'],
      [[`herring`], 'string_type'],
    ] as const) {
      const answer = await send('POST', '', newUser({ password }));
      expect(answer.body.detail).toMatchObject([{ type, loc: ['body', 'password'], input: '**********' }]);
      expect(answer.text).not.toContain('herring');
    }
    const missing = await send('POST', '', {
      username: 'ada',
      password: 'herring-herring',
      token: 'herring',
    });
    expect(missing.body.detail).toEqual([
      {
        type: 'missing',
        loc: ['body', 'email'],
        msg: 'Field required',
        input: { username: 'ada', password: '**********', token: '**********' },
      },
    ]);
  });

  test('null is none for a new user, where it has no default', async () => {
    const body = { username: null, email: null, password: null, is_admin: null, rate_limit_burst: null };
    expect(await faultsOf(send('POST', '', body))).toEqual([
      ['string_type', 'body', 'username'],
      ['string_type', 'body', 'email'],
      ['string_type', 'body', 'password'],
      ['bool_type', 'body', 'is_admin'],
    ]);
  });

  test('stands in the list by its place, then by its order', async () => {
    expect(await faultsOf(send('POST', '', { rate_limit_burst: 0, is_admin: 'x' }))).toEqual([
      ['missing', 'body', 'username'],
      ['missing', 'body', 'email'],
      ['missing', 'body', 'password'],
      ['bool_parsing', 'body', 'is_admin'],
      ['greater_than_equal', 'body', 'rate_limit_burst'],
    ]);
    expect(await faultsOf(send('PATCH', '/abc', { is_active: 'x', username: '' }))).toEqual([
      ['int_parsing', 'path', 'user_id'],
      ['string_too_short', 'body', 'username'],
      ['bool_parsing', 'body', 'is_active'],
    ]);
    expect(await faultsOf(send('DELETE', '/0/tokens/1.5'))).toEqual([
      ['greater_than_equal', 'path', 'user_id'],
      ['int_parsing', 'path', 'token_id'],
    ]);
    expect(await faultsOf(send('GET', '?is_active=x&limit=101&skip=-1'))).toEqual([
      ['greater_than_equal', 'query', 'skip'],
      ['less_than_equal', 'query', 'limit'],
      ['bool_parsing', 'query', 'is_active'],
    ]);
  });
});

test('bodies that are none', async () => {
  const missing = { type: 'missing', loc: ['body'], msg: 'Field required', input: null };
  const other = { type: 'model_attributes_type', loc: ['body'], msg: expect.any(String) };
  for (const [method, path] of [
    ['POST', ''],
    ['PATCH', `/${member.id}`],
  ] as const) {
    expect((await send(method, path)).body.detail).toEqual([missing]);
    expect((await send(method, path, 'null')).body.detail).toEqual([missing]);
    expect((await send(method, path, '[1]')).body.detail).toEqual([{ ...other, input: [1] }]);
    expect((await send(method, path, '"x"')).body.detail).toEqual([{ ...other, input: 'x' }]);
    expect((await send(method, path, '{"username": ')).body.detail).toMatchObject([
      { type: 'json_invalid', loc: ['body', expect.any(Number)], input: {} },
    ]);
    const raw = 'password=herring';
    const form = await admin.api.send<Faults>({
      method,
      path: `${users}${path}`,
      raw,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(form.body.detail).toEqual([{ ...other, input: null }]);
    const large = await send<SharedError>(method, path, { username: 'u'.repeat(1_200_000) });
    expect({ status: large.status, body: large.body }).toEqual({
      status: 413,
      body: both('Request body too large'),
    });
  }
});

test('a body where none is asked for is not looked at', async () => {
  const { id } = await create();
  for (const [type, raw] of [
    ['application/json', ''],
    ['application/json', '{"broken'],
    ['text/plain', 'please'],
  ] as const) {
    const headers = { 'content-type': type, 'content-length': raw.length };
    const sent = { method: 'DELETE', path: `${users}/${id}`, raw, headers };
    expect((await admin.api.send(sent)).status).toBe(200);
  }
});

test('a path or a query that is nearly right', async () => {
  for (const id of ['abc', '12abc', '1.5', '%20', '0x1', '1e3']) {
    expect(await faultsOf(send('GET', `/${id}`))).toEqual([['int_parsing', 'path', 'user_id']]);
  }
  const beyond = await send('GET', '/9223372036854775808');
  expect(beyond.text).toContain('{"le":9223372036854775807}');
  for (const query of ['skip=', 'limit=ten', 'limit=1.5']) {
    expect(await faultsOf(send('GET', `?${query}`))).toMatchObject([
      ['int_parsing', 'query', query.split('=')[0]],
    ]);
  }
  expect(await faultsOf(send('GET', '?limit=0'))).toEqual([['greater_than_equal', 'query', 'limit']]);
  expect((await send('GET', '?limit=x&limit=1&order=name')).status).toBe(200);
  const wrong = await send<SharedError>('PUT', `/${member.id}`);
  expect({ status: wrong.status, allow: wrong.headers.allow }).toEqual({
    status: 405,
    allow: 'DELETE, GET, HEAD, PATCH',
  });
});

describe('a name and an address', () => {
  test('belong to one user, whatever their case', async () => {
    const [one, other] = [await create(), await create()];
    const taken = { status: 422, body: both('Username or email already exists') };
    expect(await send('POST', '', newUser({ username: one.username.toUpperCase() }))).toMatchObject(taken);
    expect(await send('POST', '', newUser({ email: one.email.toUpperCase() }))).toMatchObject(taken);
    const mixed = newUser({ username: one.username, email: other.email });
    expect(await send('POST', '', mixed)).toMatchObject(taken);
    expect(await send('PATCH', `/${one.id}`, { username: other.username.toUpperCase() })).toMatchObject({
      status: 422,
      body: both('Username already exists'),
    });
    expect(await send('PATCH', `/${one.id}`, { email: other.email.toUpperCase() })).toMatchObject({
      status: 422,
      body: both('Email already exists'),
    });
    const own = { username: one.username.toUpperCase(), email: one.email.toUpperCase() };
    expect(await send('PATCH', `/${one.id}`, own)).toMatchObject({ status: 200, body: own });
  });

  test('wanted by many at once go to one of them', async () => {
    const statuses = async (work: readonly Promise<Answer>[]) =>
      (await Promise.all(work)).map(({ status }) => status).sort();
    const same = newUser();
    const expected = [200, ...Array.from({ length: 9 }, () => 422)];
    expect(await statuses(Array.from({ length: 10 }, () => send('POST', '', same)))).toEqual(expected);
    const people = await Promise.all(Array.from({ length: 10 }, () => create()));
    const { username } = newUser();
    expect(await statuses(people.map(({ id }) => send('PATCH', `/${id}`, { username })))).toEqual(expected);
    const { email } = newUser();
    const mixed = Array.from({ length: 10 }, () => send('POST', '', newUser({ email })));
    expect(await statuses(mixed)).toEqual(expected);
  });
});
