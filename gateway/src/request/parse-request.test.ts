import { describe, expect, test } from 'vitest';
import type { TenantSettings } from '../config/settings.ts';
import { RestFault } from '../fault.ts';
import type { ApiRequest } from './api-request.ts';
import { parseRequest } from './parse-request.ts';
import { requestOf, tenantSettings } from './test-requests.ts';

const twoSchemas = tenantSettings({ dbSchemas: ['v1', 'v 2'] });

function parsed(method: string, url: string, more: Parameters<typeof requestOf>[2] = {}): ApiRequest {
  return parseRequest(requestOf(method, url, more), tenantSettings());
}

function faultOf(
  method: string,
  url: string,
  more: Parameters<typeof requestOf>[2] = {},
  settings: TenantSettings = tenantSettings(),
): object {
  try {
    parseRequest(requestOf(method, url, more), settings);
  } catch (error) {
    if (!(error instanceof RestFault)) throw error;
    const { status, code, message, details, hint } = error;
    return { status, code, message, details, hint };
  }
  throw new Error(`${method} ${url} was accepted`);
}

const nothingMore = { details: null, hint: null };

describe('target and action', () => {
  test.each([
    ['GET', '/', 'root', 'inspect'],
    ['HEAD', '/?x=eq.1', 'root', 'inspect'],
    ['OPTIONS', '', 'root', 'describe'],
    ['GET', '/items', 'table', 'read'],
    ['HEAD', '/items', 'table', 'read'],
    ['POST', '/items', 'table', 'insert'],
    ['PATCH', '/items', 'table', 'update'],
    ['PUT', '/items', 'table', 'single-upsert'],
    ['DELETE', '/items', 'table', 'delete'],
    ['OPTIONS', '/items', 'table', 'describe'],
    ['GET', '/rpc', 'table', 'read'],
    ['GET', '/rpc/f', 'function', 'call'],
    ['HEAD', '/rpc/f', 'function', 'call'],
    ['POST', '/rpc/f', 'function', 'call'],
    ['OPTIONS', '/rpc/f', 'function', 'describe'],
  ])('%s %s is %s: %s', (method, url, kind, action) => {
    const request = parsed(method, url, { body: '{}' });
    expect([request.target.kind, request.action, request.isHead]).toEqual([kind, action, method === 'HEAD']);
  });

  test('names are decoded, also when they are badly encoded', () => {
    expect(parsed('GET', '/Sp%C3%A4t%20le+%2Fx').target).toEqual({ kind: 'table', name: 'Spät le+/x' });
    expect(parsed('GET', '/rpc/%zz%ff%41').target).toEqual({ kind: 'function', name: '%zz\ufffdA' });
  });

  test('the root may be a function, or be closed', () => {
    const settings = tenantSettings({ dbRootSpec: 'api.root' });
    expect(parseRequest(requestOf('GET', '/'), settings).target).toEqual({ kind: 'function', name: 'root' });
    expect(faultOf('GET', '/', {}, tenantSettings({ openapiMode: 'disabled' }))).toEqual({
      status: 404,
      code: 'PGRST126',
      message: 'Root endpoint metadata is disabled',
      ...nothingMore,
    });
  });

  test.each(['/a/b', '/items/', '//', '/rpc/f/g', '/rpc/f/'])('%s is no path', (url) => {
    const message = 'Invalid path specified in request URL';
    expect(faultOf('GET', url)).toEqual({ status: 404, code: 'PGRST125', message, ...nothingMore });
  });

  test('other methods are refused', () => {
    const unsupported = { status: 405, code: 'PGRST117', ...nothingMore };
    expect(faultOf('TRACE', '/items')).toEqual({ ...unsupported, message: 'Unsupported HTTP method: TRACE' });
    expect(faultOf('POST', '/')).toEqual({ ...unsupported, message: 'Unsupported HTTP method: POST' });
    expect(faultOf('constructor', '/items')).toMatchObject({ code: 'PGRST117' });
    expect(faultOf('PUT', '/rpc/f')).toEqual({
      status: 405,
      code: 'PGRST101',
      message: 'Cannot use the PUT method on RPC',
      ...nothingMore,
    });
  });
});

describe('profile', () => {
  function schemaOf(method: string, headers: Record<string, string>): unknown {
    const request = parseRequest(requestOf(method, '/items', { headers, body: '{}' }), twoSchemas);
    return [request.schema, request.isSchemaNegotiated];
  }

  test('is the first schema unless another is named, for reads and writes by their own header', () => {
    expect(schemaOf('GET', {})).toEqual(['v1', true]);
    expect(schemaOf('GET', { 'accept-profile': 'v 2', 'content-profile': 'x' })).toEqual(['v 2', true]);
    expect(schemaOf('POST', { 'accept-profile': 'x', 'content-profile': 'v 2' })).toEqual(['v 2', true]);
    expect(parsed('GET', '/items')).toMatchObject({ schema: 'public', isSchemaNegotiated: false });
  });

  test('must be exposed', () => {
    expect(faultOf('GET', '/items', { headers: { 'accept-profile': 'no' } }, twoSchemas)).toEqual({
      status: 406,
      code: 'PGRST106',
      message: 'Invalid schema: no',
      details: null,
      hint: 'Only the following schemas are exposed: v1, v 2',
    });
  });
});

describe('ranges', () => {
  const rows = (url: string, range?: string, method = 'GET'): unknown => {
    const { range: found } = parsed(method, url, { headers: range === undefined ? {} : { range } });
    return [found.offset, found.limit];
  };

  test('come from limit and offset', () => {
    expect(rows('/i')).toEqual([0, null]);
    expect(rows('/i?limit=3&offset=2')).toEqual([2, 3]);
    expect(rows('/i?offset=2')).toEqual([2, null]);
    expect(rows('/i?limit=0')).toEqual([0, 0]);
    expect(rows('/i?limit=1&limit=5')).toEqual([0, 5]);
    expect(rows('/i?limit=x&offset=y')).toEqual([0, null]);
    expect(rows('/i?offset=-4')).toEqual([0, null]);
    expect(rows('/i?limit=99999999999999999999')).toEqual([0, Number.MAX_SAFE_INTEGER]);
  });

  test('are narrowed by the header of a GET', () => {
    expect(rows('/i', '0-1')).toEqual([0, 2]);
    expect(rows('/i', '5-')).toEqual([5, null]);
    expect(rows('/i', 'items=0-1')).toEqual([0, null]);
    expect(rows('/i?limit=3', '1-9')).toEqual([1, 2]);
    expect(rows('/i?limit=0', '1-9')).toEqual([0, 0]);
    expect(rows('/i', '0-1', 'HEAD')).toEqual([0, null]);
  });

  test('must hold something', () => {
    const fault = { status: 416, code: 'PGRST103', message: 'Requested range not satisfiable', hint: null };
    const negative = { ...fault, details: 'Limit should be greater than or equal to zero.' };
    expect(faultOf('GET', '/i?limit=-2')).toEqual(negative);
    expect(faultOf('GET', '/i?r.limit=-2')).toEqual(negative);
    expect(faultOf('GET', '/i', { headers: { range: '1-0' } })).toEqual({
      ...fault,
      details: 'The lower boundary must be lower than or equal to the upper boundary in the Range header.',
    });
  });

  test('are refused with PUT', () => {
    expect(faultOf('PUT', '/i?limit=1', { body: '{}' })).toEqual({
      status: 400,
      code: 'PGRST114',
      message: 'limit/offset querystring parameters are not allowed for PUT',
      ...nothingMore,
    });
    expect(faultOf('PUT', '/i?limit=0', { body: '{}' })).toMatchObject({ code: 'PGRST114' });
  });

  test('of embedded resources stand in the query', () => {
    expect(parsed('GET', '/i?r.limit=2&r.s.offset=1&r.offset=3&limit=1&q.limit=0').query.ranges).toEqual([
      { path: ['r'], value: { limit: 2, offset: 3 } },
      { path: ['q'], value: { limit: 0, offset: 0 } },
      { path: ['r', 's'], value: { limit: null, offset: 1 } },
    ]);
  });
});

describe('the whole', () => {
  test('keeps path, method, headers and cookies', () => {
    const headers = { cookie: 'a=1; b = "x=y" ; a=2; __proto__=3', 'x-y': 'z', authorization: 'Bearer t' };
    const request = parsed('GET', '/a%20b?x=eq.1', { headers });
    expect([request.path, request.method]).toEqual(['/a%20b', 'GET']);
    expect(request.headers).toEqual({ 'x-y': 'z', authorization: 'Bearer t' });
    expect(Object.entries(request.cookies)).toEqual([
      ['a', '2'],
      ['b', '"x=y"'],
      ['__proto__', '3'],
    ]);
    expect(request.payload).toBeNull();
  });

  test('columns count only where a payload is taken', () => {
    const columnsOf = (method: string, url: string): unknown =>
      parsed(method, url, { body: '[{}]' }).query.columns;
    expect(columnsOf('POST', '/i?columns=a')).toEqual(['a']);
    expect(columnsOf('POST', '/rpc/f?columns=a')).toEqual(['a']);
    expect(columnsOf('GET', '/rpc/f?columns=a')).toBeNull();
    expect(columnsOf('PUT', '/i?columns=a')).toBeNull();
  });

  test('arguments are read for GET only', () => {
    expect(parsed('GET', '/rpc/f?a=1').query.args).toEqual([['a', '1']]);
    expect(faultOf('POST', '/rpc/f?a=1', { body: '{}' })).toMatchObject({ code: 'PGRST100' });
  });
});
