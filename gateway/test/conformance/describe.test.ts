import { describe, expect, test } from 'vitest';
import { useRest } from './rest-client.ts';

const rest = useRest();

interface Document {
  swagger: string;
  info: { title: string; description: string };
  paths: Record<string, Record<string, unknown>>;
  definitions: Record<string, { required?: string[]; properties: Record<string, object> }>;
}

describe('OpenAPI at the root', () => {
  test('describes what the role may use', async () => {
    const answer = await rest.get('/');
    expect([answer.status, answer.headers['content-type']]).toEqual([
      200,
      'application/openapi+json; charset=utf-8',
    ]);
    const document = answer.body as Document;
    expect([document.swagger, document.info.title]).toEqual(['2.0', 'The nasty API']);
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/', '/artists', '/with space', '/rpc/add']),
    );
    expect(document.paths).not.toHaveProperty(['/locked']);
    expect(document.paths).not.toHaveProperty(['/rpc/forbidden']);
    expect(document.definitions.artists).toMatchObject({
      required: ['id', 'name'],
      properties: { id: { type: 'integer', format: 'integer' }, name: { type: 'string', format: 'text' } },
    });
    expect(document.definitions.artists?.properties.mentor_id).toMatchObject({
      description: expect.stringContaining("<fk table='artists' column='id'/>"),
    });
    const user = (await rest.get('/', { as: 'user' })).body as Document;
    expect(user.paths).toHaveProperty(['/rpc/forbidden']);
  });
  test('of another schema', async () => {
    const { body } = await rest.get('/', { headers: { 'accept-profile': 'v2' } });
    expect(Object.keys((body as Document).definitions).sort()).toEqual(['artists', 'children']);
  });
  test('only as JSON', async () => {
    const answer = await rest.get('/', { headers: { accept: 'text/csv' } });
    expect([answer.status, answer.body]).toMatchObject([406, { code: 'PGRST107' }]);
  });
});

describe('openapi-mode', () => {
  const all = useRest({ 'openapi-mode': 'ignore-privileges' });
  const none = useRest({ 'openapi-mode': 'disabled' });
  test('ignore-privileges shows everything', async () => {
    expect(((await all.get('/')).body as Document).paths).toHaveProperty(['/locked']);
  });
  test('disabled shows nothing', async () => {
    const answer = await none.get('/');
    expect([answer.status, answer.body]).toMatchObject([
      404,
      { code: 'PGRST126', message: 'Root endpoint metadata is disabled' },
    ]);
  });
});

describe('db-root-spec', () => {
  const own = useRest({ 'db-root-spec': 'hello' });
  test('is a function of the tenant', async () => {
    expect(await own.read('/')).toBe('hello');
  });
});

describe('OPTIONS', () => {
  test.each([
    ['/', 'OPTIONS,GET,HEAD'],
    ['/artists', 'OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE'],
    ['/no_key', 'OPTIONS,GET,HEAD,POST,PATCH,DELETE'],
    ['/museum_counts', 'OPTIONS,GET,HEAD'],
    ['/erasable', 'OPTIONS,GET,HEAD,DELETE'],
    ['/rpc/hello', 'OPTIONS,GET,HEAD,POST'],
    ['/rpc/insert_item', 'OPTIONS,POST'],
  ])('%s', async (path, allow) => {
    const answer = await rest.options(path);
    expect([answer.status, answer.headers.allow]).toEqual([200, allow]);
  });
  test('of nothing', async () => {
    const answer = await rest.options('/nowhere');
    expect([answer.status, answer.body]).toMatchObject([404, { code: 'PGRST205' }]);
  });
  test('preflights', async () => {
    const answer = await rest.options('/artists', {
      headers: {
        origin: 'http://example.com',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'Foo,Bar',
      },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD',
      'access-control-allow-headers': 'Authorization, Foo, Bar, Accept, Accept-Language, Content-Language',
      'access-control-max-age': '86400',
    });
  });
});

describe('CORS of answers', () => {
  const some = useRest({ 'server-cors-allowed-origins': 'http://a.example, http://b.example' });
  test('everybody by default', async () => {
    const answer = await rest.get('/artists?limit=1', { headers: { origin: 'http://example.com' } });
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    expect(answer.headers['access-control-expose-headers']).toContain('Content-Range');
  });
  test('only those that are named', async () => {
    const named = await some.get('/artists?limit=1', { headers: { origin: 'http://b.example' } });
    const other = await some.get('/artists?limit=1', { headers: { origin: 'http://c.example' } });
    expect([named, other].map(({ headers }) => headers['access-control-allow-origin'])).toEqual([
      'http://b.example',
      undefined,
    ]);
  });
});

describe('headers of every answer', () => {
  const traced = useRest({ 'server-timing-enabled': true, 'server-trace-header': 'X-Request-Id' });
  test('Content-Location names the query in order', async () => {
    const answer = await rest.get('/artists?select=id&order=id&id=eq.1');
    expect(answer.headers['content-location']).toBe('/artists?id=eq.1&order=id&select=id');
  });
  test('Server-Timing and the trace header', async () => {
    const answer = await traced.get('/artists?limit=1', { headers: { 'x-request-id': 'abc' } });
    expect(answer.headers['server-timing']).toMatch(
      /jwt;dur=[\d.]+, parse;dur=[\d.]+, plan;dur=[\d.]+, transaction;dur=[\d.]+, response;dur=[\d.]+/,
    );
    expect(answer.headers['x-request-id']).toBe('abc');
  });
});
