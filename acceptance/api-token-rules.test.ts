/** What the door for tokens refuses, and how it says so: orchestrator contract, section 3. */
import { beforeAll, expect, test } from 'vitest';
import { createPerson, type Person } from './support/people.ts';
import { useProduct } from './support/product.ts';
import { unknownId } from './support/resources.ts';
import { type CreatedToken, type FieldError, knownScopes } from './support/wire.ts';

const product = useProduct();
let alice: Person;

beforeAll(async () => {
  alice = await createPerson(product(), 'alice');
});

const path = '/api/v1/auth/tokens';

function post(raw: string, headers: Record<string, string> = { 'content-type': 'application/json' }) {
  return alice.api.send<{ message: string; detail: readonly FieldError[] } & CreatedToken>({
    method: 'POST',
    path,
    raw,
    headers,
  });
}

const inFuture = { reason: 'expires_at must be in the future' };

const unknownScopes = `scopes must be a list of known scopes: ${knownScopes.join(', ')}`;

test.each<[string, Omit<FieldError, 'input'> & { input?: unknown }]>([
  ['{}', { type: 'missing', loc: ['body', 'name'], msg: 'Field required', input: {} }],
  ['{"nane": "x"}', { type: 'missing', loc: ['body', 'name'], msg: 'Field required', input: { nane: 'x' } }],
  [
    '{"name": null}',
    { type: 'string_type', loc: ['body', 'name'], msg: 'Input should be a valid string', input: null },
  ],
  [
    '{"name": 7}',
    { type: 'string_type', loc: ['body', 'name'], msg: 'Input should be a valid string', input: 7 },
  ],
  [
    '{"name": ["x"]}',
    { type: 'string_type', loc: ['body', 'name'], msg: 'Input should be a valid string', input: ['x'] },
  ],
  [
    '{"name": ""}',
    {
      type: 'string_too_short',
      loc: ['body', 'name'],
      msg: 'String should have at least 1 character',
      input: '',
      ctx: { min_length: 1 },
    },
  ],
  [
    JSON.stringify({ name: 'n'.repeat(101) }),
    {
      type: 'string_too_long',
      loc: ['body', 'name'],
      msg: 'String should have at most 100 characters',
      input: 'n'.repeat(101),
      ctx: { max_length: 100 },
    },
  ],
  [
    '{"name": "t", "expires_at": "2001-01-01T00:00:00Z"}',
    {
      type: 'value_error',
      loc: ['body', 'expires_at'],
      msg: `Value error, ${inFuture.reason}`,
      input: '2001-01-01T00:00:00Z',
      ctx: { error: inFuture.reason },
    },
  ],
  [
    '[]',
    {
      type: 'model_attributes_type',
      loc: ['body'],
      msg: 'Input should be a valid dictionary or object to extract fields from',
      input: [],
    },
  ],
  [
    '{"name": "t", "scopes": ["read", "fly"]}',
    {
      type: 'value_error',
      loc: ['body', 'scopes'],
      msg: `Value error, ${unknownScopes}`,
      input: ['read', 'fly'],
      ctx: { error: unknownScopes },
    },
  ],
  [
    '{"name": "t", "scopes": "read"}',
    {
      type: 'value_error',
      loc: ['body', 'scopes'],
      msg: `Value error, ${unknownScopes}`,
      input: 'read',
      ctx: { error: unknownScopes },
    },
  ],
  [
    '{"name": "t\\u0000"}',
    {
      type: 'value_error',
      loc: ['body', 'name'],
      msg: 'Value error, name must not contain a null character',
      input: 't\0',
      ctx: { error: 'name must not contain a null character' },
    },
  ],
  ['null', { type: 'missing', loc: ['body'], msg: 'Field required', input: null }],
  [
    '7',
    {
      type: 'model_attributes_type',
      loc: ['body'],
      msg: 'Input should be a valid dictionary or object to extract fields from',
      input: 7,
    },
  ],
  [
    '{"token": "ora_secret", "password": "secret", "inside": [{"token": "secret"}]}',
    {
      type: 'missing',
      loc: ['body', 'name'],
      msg: 'Field required',
      input: { token: '**********', password: '**********', inside: [{ token: '**********' }] },
    },
  ],
  [
    '"token"',
    {
      type: 'model_attributes_type',
      loc: ['body'],
      msg: 'Input should be a valid dictionary or object to extract fields from',
      input: 'token',
    },
  ],
])('the token body %s is refused', async (raw, entry) => {
  const { status, body } = await post(raw);
  const field = entry.loc.at(-1);
  expect({ status, body }).toEqual({
    status: 422,
    body: { detail: [entry], message: `${field}: ${entry.msg}` },
  });
});

test('no body is a missing one', async () => {
  for (const headers of [{}, { 'content-type': 'application/json' }]) {
    const { status, body } = await post('', headers);
    expect({ status, detail: body.detail }).toEqual({
      status: 422,
      detail: [{ type: 'missing', loc: ['body'], msg: 'Field required', input: null }],
    });
  }
});

test('broken JSON tells where', async () => {
  const { status, body } = await post('{"name": "t",');
  expect(status).toBe(422);
  expect(body.detail).toEqual([
    {
      type: 'json_invalid',
      loc: ['body', expect.any(Number)],
      msg: 'JSON decode error',
      input: {},
      ctx: { error: expect.any(String) },
    },
  ]);
});

test('another media type is no object', async () => {
  const { status, body } = await post('name=t', { 'content-type': 'text/plain' });
  expect(status).toBe(422);
  expect(body.detail[0]).toMatchObject({ type: 'model_attributes_type', loc: ['body'] });
});

test('all faults in one list, in the order of the fields', async () => {
  const { status, body } = await post('{"scopes": 7, "expires_at": "tomorrow", "name": ""}');
  expect(status).toBe(422);
  expect(body.detail.map((entry) => [entry.type, entry.loc])).toEqual([
    ['string_too_short', ['body', 'name']],
    ['datetime_from_date_parsing', ['body', 'expires_at']],
    ['value_error', ['body', 'scopes']],
  ]);
});

test.each(['tomorrow', '', '2999-02-30', 253_402_300_800, 1.5, true, {}])(
  'the time %j is none',
  async (expires_at) => {
    const { status, body } = await post(JSON.stringify({ name: 't', expires_at }));
    expect(status).toBe(422);
    const [entry, ...others] = body.detail;
    expect(entry).toEqual({
      type: 'datetime_from_date_parsing',
      loc: ['body', 'expires_at'],
      msg: `Input should be a valid datetime or date, ${entry?.ctx?.error}`,
      input: expires_at,
      ctx: { error: expect.stringMatching(/./) },
    });
    expect(others).toEqual([]);
  },
);

test.each<[unknown, string]>([
  ['2999-12-31T23:59:59Z', '2999-12-31T23:59:59Z'],
  ['2999-12-31T23:59:59', '2999-12-31T23:59:59Z'],
  ['2999-12-31T23:59:59+02:00', '2999-12-31T21:59:59Z'],
  ['2999-12-31T23:59:59 02:00', '2999-12-31T21:59:59Z'],
  ['2999-12-31', '2999-12-31T00:00:00Z'],
  [32_503_680_000, '3000-01-01T00:00:00Z'],
  ['32503680000', '3000-01-01T00:00:00Z'],
])('the time %j is understood', async (expires_at, instant) => {
  const { status, body, text } = await post(JSON.stringify({ name: 't', expires_at }));
  expect(status, text).toBe(200);
  expect(Date.parse(body.expires_at ?? '')).toBe(Date.parse(instant));
  expect(body.expires_at).toMatch(/Z$/);
});

test('null means never, unknown fields are ignored, 100 characters pass', async () => {
  const { status, body } = await post(
    JSON.stringify({ name: 'n'.repeat(100), expires_at: null, is_revoked: true }),
  );
  expect(status).toBe(200);
  expect(body).toMatchObject({ name: 'n'.repeat(100), expires_at: null });
});

test.each([
  ['abc', 'int_parsing'],
  ['12abc', 'int_parsing'],
  ['1.5', 'int_parsing'],
  ['0', 'greater_than_equal'],
  ['-1', 'greater_than_equal'],
  ['9223372036854775808', 'less_than_equal'],
])('the token id %s is refused', async (id, type) => {
  const { status, body } = await alice.api.send<{ detail: readonly FieldError[] }>({
    method: 'DELETE',
    path: `${path}/${id}`,
  });
  expect(status).toBe(422);
  expect(body.detail.map((entry) => [entry.type, entry.loc])).toEqual([[type, ['path', 'token_id']]]);
});

test('a well-formed id of nothing is not found', async () => {
  for (const id of ['999999999', '9223372036854775807', unknownId()]) {
    const { status, body } = await alice.api.delete(`${path}/${id}`);
    const text = 'Token not found';
    expect({ id, status, body }).toEqual({ id, status: 404, body: { detail: text, message: text } });
  }
});
