import { describe, expect, test } from 'vitest';
import { portSuite } from './support/port-suite.ts';

const suite = portSuite();
const NOBODY = '00000000-0000-4000-8000-0000000000ff';

describe('every answer', () => {
  test.each([
    ['a route', '/health'],
    ['no route', '/nowhere'],
    ['no route of a contract', '/api/databases/1/2/3'],
    ['a refusal', '/api/databases'],
    ['a path that cannot be decoded', '/api/databases/%zz'],
    ['a path that cannot be decoded', '/api/v1/%zz'],
  ])('of %s carries its request id and the headers that protect a browser', async (_what, url) => {
    const response = await suite.app.inject({ url, headers: { 'x-request-id': 'mine-1.2_3' } });
    expect(response.headers).toMatchObject({
      'x-request-id': 'mine-1.2_3',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'strict-origin-when-cross-origin',
      'content-type': expect.stringContaining('application/json'),
    });
  });

  test.each(['', 'a b', 'x'.repeat(65), 'a\u00e9', '{"x":1}'])(
    'a request that calls itself %j is given another name',
    async (name) => {
      const response = await suite.app.inject({ url: '/health', headers: { 'x-request-id': name } });
      expect(response.headers['x-request-id']).toMatch(/^[0-9a-f]{8}-/);
    },
  );
});

describe('what no route takes', () => {
  test.each([
    ['GET', '/api/databases/x/y/z', 404, { error: 'Not Found' }, undefined],
    ['PUT', '/api/databases', 405, { error: 'Method Not Allowed' }, 'GET, HEAD, POST'],
    ['PATCH', `/databases/${NOBODY}`, 405, { error: 'Method Not Allowed' }, 'DELETE, GET, HEAD'],
    ['POST', '/auth/me', 405, { error: 'Method Not Allowed' }, 'GET, HEAD'],
    ['GET', '/auth/nowhere', 404, { error: 'Not Found' }, undefined],
    ['GET', '/api/v1/nowhere', 404, { message: 'Not Found', detail: 'Not Found' }, undefined],
    [
      'GET',
      '/api/v1/auth/login',
      405,
      { message: 'Method Not Allowed', detail: 'Method Not Allowed' },
      'POST',
    ],
    ['DELETE', '/healthz', 405, { message: 'Method Not Allowed', detail: 'Method Not Allowed' }, 'GET, HEAD'],
    ['GET', '/nowhere', 404, { message: 'Not Found', detail: 'Not Found' }, undefined],
    ['GET', '/api/databases/%zz', 404, { error: 'Not Found' }, undefined],
    ['PUT', '/api/databases/%zz', 405, { error: 'Method Not Allowed' }, 'DELETE, GET, HEAD'],
  ] as const)('%s %s is %i, in the envelope of its contract', async (method, url, status, body, allow) => {
    const response = await suite.app.inject({ method, url });
    expect([response.statusCode, response.json(), response.headers.allow]).toEqual([status, body, allow]);
  });
});

describe('bodies under /api/databases', () => {
  const json = { 'content-type': 'application/json' };
  const invalid = 'Invalid request payload: ';

  test.each([
    ['{"name', 400, `${invalid}malformed JSON`],
    ['', 400, `${invalid}body must be an object`],
    ['[]', 400, `${invalid}body must be an object`],
    ['"shop"', 400, `${invalid}body must be an object`],
    ['null', 400, `${invalid}body must be an object`],
    ['{}', 400, `${invalid}name is required`],
    ['{"name":null}', 400, `${invalid}name is required`],
    ['{"name":""}', 400, `${invalid}name is required`],
    ['{"name":7}', 400, `${invalid}name must be a string`],
    ['{"name":["shop"]}', 400, `${invalid}name must be a string`],
    ['{"__proto__":{"name":"shop"}}', 400, `${invalid}name is required`],
    [
      '{"name":"\\u212aiosk"}',
      400,
      expect.stringMatching(/^Invalid database name\. Name must be 3-63 chars/),
    ],
    ['{"name":"shop\\u0000"}', 400, expect.stringMatching(/^Invalid database name/)],
    ['{"name":"a\'; drop table users; --"}', 400, expect.stringMatching(/^Invalid database name/)],
    [`{"name":"${'x'.repeat(1_048_576)}"}`, 413, 'Request body too large'],
  ])('%.40s', async (payload, status, error) => {
    const response = await suite.send({ method: 'POST', url: '/api/databases', headers: json, payload });
    expect([response.statusCode, response.json()]).toEqual([status, { error }]);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'nonsense',
  ])('of the type %s are refused', async (type) => {
    const headers = { 'content-type': type };
    const payload = '{"name":"shop"}';
    const response = await suite.send({ method: 'POST', url: '/databases', headers, payload });
    expect([response.statusCode, response.json()]).toEqual([
      415,
      { error: 'Content-Type must be application/json' },
    ]);
  });

  test('the path is judged before the body, the body before the lookup', async () => {
    const post = (url: string, payload: string) =>
      suite.send({ method: 'POST', url, headers: json, payload });
    expect((await post('/databases/none/pgusers', '{}')).json()).toEqual({
      error: 'Invalid database ID format',
    });
    expect((await post(`/databases/${NOBODY}/users`, '{}')).json()).toEqual({
      error: `${invalid}username is required`,
    });
    const body = '{"username":"ada","permission_level":"read"}';
    expect((await post(`/databases/${NOBODY}/users`, body)).json()).toEqual({
      error: 'Managed database not found or not owned by user',
    });
    const wrongId = await post(`/databases/${NOBODY}/users/none/regenerate-password`, '');
    expect(wrongId.json()).toEqual({ error: 'Invalid PostgreSQL user ID format' });
  });

  test.each([
    ['limit=0', 'limit must be a whole number from 1 to 500'],
    ['limit=501', 'limit must be a whole number from 1 to 500'],
    ['limit=1e2', 'limit must be a whole number from 1 to 500'],
    ['limit=5&limit=6', 'limit must be a whole number from 1 to 500'],
    ['offset=-1', 'offset must be a whole number from 0'],
    ['scope=everything', 'scope must be one of own, all'],
  ])('the query %s is refused', async (query, error) => {
    const response = await suite.send({ url: `/api/databases?${query}` });
    expect([response.statusCode, response.json()]).toEqual([400, { error }]);
  });
});

describe('errors under /api/v1', () => {
  const json = { 'content-type': 'application/json' };

  test('speak to the clients of both contracts', async () => {
    expect((await suite.app.inject('/api/v1/auth/me')).json()).toEqual({
      detail: 'Missing authentication credentials',
      message: 'missing or malformed jwt',
    });
    const create = (url: string, payload: string) =>
      suite.send({ method: 'POST', url, headers: json, payload });
    expect((await create('/api/v1/auth/api-keys', '{"name":" "}')).json()).toEqual({
      detail: 'name is required',
      message: 'name is required',
    });
    const tokens = await create('/api/v1/auth/tokens', '{}');
    expect([tokens.statusCode, tokens.json()]).toEqual([
      422,
      {
        message: 'name: Field required',
        detail: [{ type: 'missing', loc: ['body', 'name'], msg: 'Field required', input: {} }],
      },
    ]);
  });

  test.each([
    '',
    '{',
    '[]',
    '{}',
    '{"username":"ada"}',
    '{"username":"ada","password":null}',
    '{"username":7,"password":"x"}',
  ])('a sign-in with %j is a 400 with one text', async (payload) => {
    const url = '/api/v1/auth/login';
    const response = await suite.app.inject({ method: 'POST', url, headers: json, payload });
    const text = 'username and password are required';
    expect([response.statusCode, response.json()]).toEqual([400, { message: text, detail: text }]);
  });

  test.each([
    ['api-keys/12abc', 404],
    ['api-keys/0x1', 404],
    ['api-keys/999999999', 404],
    ['tokens/12abc', 422],
    ['tokens/0', 422],
    ['tokens/999999999', 404],
    ['tokens/9223372036854775807', 404],
    [`tokens/${NOBODY}`, 404],
  ])('DELETE /api/v1/auth/%s is %i', async (path, status) => {
    const response = await suite.send({ method: 'DELETE', url: `/api/v1/auth/${path}` });
    expect(response.statusCode).toBe(status);
  });
});
