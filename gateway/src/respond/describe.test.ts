import { expect, describe as group, it } from 'vitest';
import type { Routine, SchemaCache, Table } from '../schema/schema-cache.ts';
import { callPlan, requestOf } from './cases.fixture.ts';
import { describe } from './describe.ts';
import { presentDocument } from './present-document.ts';

const table: Table = {
  schema: 'public',
  name: 'items',
  description: null,
  isView: false,
  isInsertable: true,
  isUpdatable: true,
  isDeletable: true,
  primaryKey: ['id'],
  columns: new Map(),
};

function cacheOf(changes: Partial<Table>, routines: readonly Routine[] = []): SchemaCache {
  return {
    tables: new Map([['public\0items', { ...table, ...changes }]]),
    relationships: new Map(),
    routines: new Map([['public\0add', routines]]),
    representations: [],
    mediaConverters: [],
    timezones: new Set(),
    serverVersion: 170000,
    schemaDescriptions: new Map(),
  };
}

const settings = { serverCorsAllowedOrigins: null };
const ask = (target: Parameters<typeof requestOf>[0] = {}, cache = cacheOf({})) =>
  describe(requestOf({ action: 'describe', ...target }), cache, settings);

group('describe', () => {
  it.each([
    [{}, 'OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE'],
    [{ primaryKey: [] }, 'OPTIONS,GET,HEAD,POST,PATCH,DELETE'],
    [{ isUpdatable: false }, 'OPTIONS,GET,HEAD,POST,DELETE'],
    [{ isInsertable: false, isUpdatable: false, isDeletable: false }, 'OPTIONS,GET,HEAD'],
  ])('a table with %j allows %s', (changes, allow) => {
    expect(ask({}, cacheOf(changes))).toMatchObject({
      status: 200,
      headers: { allow, 'content-length': '0', 'access-control-allow-origin': '*' },
    });
  });

  it.each([
    ['volatile', 'OPTIONS,POST'],
    ['stable', 'OPTIONS,GET,HEAD,POST'],
    ['immutable', 'OPTIONS,GET,HEAD,POST'],
  ] as const)('a %s function allows %s', (volatility, allow) => {
    const cache = cacheOf({}, [{ ...callPlan().routine, volatility }]);
    expect(ask({ target: { kind: 'function', name: 'add' } }, cache).headers.allow).toBe(allow);
  });

  it('the root can be read', () => {
    expect(ask({ target: { kind: 'root' } }).headers.allow).toBe('OPTIONS,GET,HEAD');
  });

  it('what is not there is 404', () => {
    expect(() => ask({ target: { kind: 'table', name: 'nothing' } })).toThrow(
      expect.objectContaining({ status: 404, code: 'PGRST205' }),
    );
    expect(() => ask({ target: { kind: 'function', name: 'nothing' } })).toThrow(
      expect.objectContaining({ status: 404, code: 'PGRST202' }),
    );
  });
});

group('presentDocument', () => {
  it('is OpenAPI, with the schema that was named', () => {
    const request = requestOf({ target: { kind: 'root' }, isSchemaNegotiated: true });
    expect(presentDocument(request, { swagger: '2.0' }, settings)).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'application/openapi+json; charset=utf-8',
        'content-profile': 'public',
        'content-length': '17',
      },
      body: '{"swagger":"2.0"}',
    });
    expect(presentDocument(requestOf({ isHead: true }), {}, settings).body).toBeNull();
  });
});
