import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRequest } from '../request/parse-request.ts';
import { requestOf, tenantSettings } from '../request/test-requests.ts';
import { keyOf, type Parameter, type Routine, type SchemaCache } from '../schema/schema-cache.ts';
import { type PlannedCall, planCall } from './plan-call.ts';
import { emptyCache } from './test-cache.ts';

function parameter(name: string, changes: Partial<Parameter> = {}): Parameter {
  return { name, type: 'text', isRequired: true, isVariadic: false, ...changes };
}

function routine(name: string, parameters: readonly Parameter[], changes: Partial<Routine> = {}): Routine {
  return {
    schema: 'api',
    name,
    description: null,
    parameters,
    returns: { isSet: false, kind: 'scalar', type: { schema: 'pg_catalog', name: 'text' }, isRecord: false },
    volatility: 'volatile',
    hasVariadic: parameters.some(({ isVariadic }) => isVariadic),
    settings: [],
    isolation: null,
    ...changes,
  };
}

function cacheOf(...routines: readonly Routine[]): SchemaCache {
  return { ...emptyCache(), routines: Map.groupBy(routines, keyOf) };
}

function call(
  cache: SchemaCache,
  method: string,
  url: string,
  body = '',
  contentType = 'application/json',
): PlannedCall {
  const settings = tenantSettings({ dbSchemas: ['api'] });
  const raw = requestOf(method, url, { headers: { 'content-type': contentType }, body });
  return planCall(parseRequest(raw, settings), cache);
}

describe('overloads', () => {
  const optional = parameter('b', { isRequired: false });
  const cache = cacheOf(
    routine('f', []),
    routine('f', [parameter('a'), optional]),
    routine('f', [parameter('', { type: 'json' })]),
    routine('f', [parameter('', { type: 'bytea' })]),
    routine('g', [parameter('', { type: 'json' })]),
    routine('g', [parameter('', { type: 'jsonb' })]),
  );
  const chosen = (...given: [method: string, url: string, body?: string, contentType?: string]) =>
    call(cache, ...given).routine.parameters.map(({ name, type }) => name || type);

  test('are told apart by the names of the arguments', () => {
    expect(chosen('GET', '/rpc/f')).toEqual([]);
    expect(chosen('GET', '/rpc/f?a=1')).toEqual(['a', 'b']);
    expect(chosen('POST', '/rpc/f', '{"b":1,"a":2}')).toEqual(['a', 'b']);
    expect(chosen('POST', '/rpc/f', '{"c":1}')).toEqual(['json']);
    expect(chosen('POST', '/rpc/f', 'x', 'application/octet-stream')).toEqual(['bytea']);
  });

  test('that fit equally well are all named', () => {
    expect(() => chosen('POST', '/rpc/g', '{}')).toThrow(
      'Could not choose the best candidate function between: api.g( => json), api.g( => jsonb)',
    );
  });

  test('a body is no argument of a GET', () => {
    expect(() => chosen('GET', '/rpc/g')).toThrow('Could not find the function api.g without parameters');
  });

  test('an argument that no overload takes is a fault, whatever else is given', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd');
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 4 }), (names) => {
        const url = `/rpc/f?${names.map((one) => `${one}=1`).join('&')}`;
        const fits = names.length === 0 || (names.includes('a') && names.every((one) => one < 'c'));
        if (fits) expect(chosen('GET', url)).toHaveLength(names.length === 0 ? 0 : 2);
        else expect(() => chosen('GET', url)).toThrow('in the schema cache');
      }),
    );
  });
});

test('arguments are those that were given, in the order of the function', () => {
  const list = parameter('v', { type: 'integer[]', isVariadic: true, isRequired: false });
  const cache = cacheOf(routine('f', [parameter('a'), parameter('b', { isRequired: false }), list]));
  expect(call(cache, 'GET', '/rpc/f?v=1&a=x&v=2&a=y').arguments).toMatchObject({
    kind: 'texts',
    values: [
      { parameter: { name: 'a' }, texts: ['x', 'y'] },
      { parameter: { name: 'v' }, texts: ['1', '2'] },
    ],
  });
  expect(call(cache, 'POST', '/rpc/f', '[{"b":1,"a":2}]').arguments).toMatchObject({
    kind: 'json',
    isArray: true,
    parameters: [{ name: 'a' }, { name: 'b' }],
  });
});

test('a fault names the type that a bare body would need', () => {
  const cache = cacheOf(routine('f', [parameter('a')]));
  expect(() => call(cache, 'POST', '/rpc/f', 'x', 'text/xml')).toThrow(
    expect.objectContaining({
      details:
        'Searched for the function api.f with a single unnamed xml parameter, but no matches were found in the schema cache.',
      hint: null,
    }),
  );
});
