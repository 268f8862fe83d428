import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { keyOf, type Routine, type SchemaCache } from '../../src/schema/schema-cache.ts';
import { createNastyDatabase, type TestDatabase } from '../support/database.ts';
import { loadTestSchema } from '../support/load-test-schema.ts';

let database: TestDatabase;
let cache: SchemaCache;
beforeAll(async () => {
  database = await createNastyDatabase();
  cache = await loadTestSchema(database);
});
afterAll(() => database?.drop());

function list(name: string): readonly Routine[] {
  return cache.routines.get(keyOf({ schema: 'api', name })) ?? [];
}

function only(name: string): Routine {
  const [routine, ...others] = list(name);
  if (routine === undefined || others.length > 0) throw new Error(`not exactly one ${name}`);
  return routine;
}

/** `name type`, with `=` for a default and `…` for a variadic one. */
function signature({ parameters }: Routine): string {
  return parameters
    .map((one) => `${one.name} ${one.type}${one.isRequired ? '' : '='}${one.isVariadic ? '…' : ''}`)
    .join(', ');
}

describe('parameters', () => {
  test('names, defaults, and IN and INOUT ones only', () => {
    expect(signature(only('add_them'))).toBe('a integer, b integer=, the third integer=');
    expect(signature(only('two_out'))).toBe('a integer');
    expect(signature(only('in_out'))).toBe('a integer, b text=');
    expect(signature(only('table_of'))).toBe('n integer');
    expect(signature(only('function with space'))).toBe('arg one integer, select text=');
  });

  test('variadic ones', () => {
    expect(signature(only('join_texts'))).toBe('parts text[]…');
    expect(signature(only('sum_of'))).toBe('first integer, others integer[]=…');
    expect(only('join_texts').hasVariadic).toBe(true);
    expect(only('add').hasVariadic).toBe(false);
  });

  test('types do not cut values down to one place', () => {
    expect(signature(only('echo_types'))).toContain('c character varying=, vc character varying=');
    expect(signature(only('echo_types'))).toContain(
      'm api.mood=, s api.size=, e api.email=, bits bit varying=',
    );
  });

  test('overloads stand in the order of their number', () => {
    expect(list('overloaded').map(signature)).toEqual([
      '',
      'a integer',
      'a integer, b text',
      'c text, d text=',
    ]);
    expect(list('torn').map(signature).toSorted()).toEqual(['a integer', 'a text']);
  });

  test('one unnamed parameter takes a body; others without names cannot be called', () => {
    for (const type of ['json', 'jsonb', 'text', 'bytea', 'xml']) {
      expect(signature(only(`unnamed_${type}`))).toBe(` ${type}`);
    }
    const absent = ['unnamed_integer', 'unnamed_two', 'initials', 'a_trigger', 'a_procedure', 'an_aggregate'];
    expect(absent.flatMap(list)).toEqual([]);
    expect(cache.routines.has(keyOf({ schema: 'private', name: 'unreachable' }))).toBe(false);
    expect(cache.routines.has(keyOf({ schema: 'v2', name: 'hello' }))).toBe(true);
  });
});

describe('what they return', () => {
  test.each([
    ['hello', 'scalar', false, 'pg_catalog.text', false],
    ['nothing_returned', 'void', false, 'pg_catalog.void', false],
    ['get_artist', 'composite', false, 'api.artists', false],
    ['list_artists', 'composite', true, 'api.artists', false],
    ['domain_row', 'composite', false, 'api.artists', false],
    ['get_size', 'composite', false, 'api.size', false],
    ['even_numbers', 'scalar', true, 'pg_catalog.int4', false],
    ['table_of', 'composite', true, 'pg_catalog.record', true],
    ['table_of_one', 'composite', true, 'pg_catalog.text', true],
    ['two_out', 'composite', false, 'pg_catalog.record', true],
    ['one_out', 'composite', false, 'pg_catalog.int4', true],
    ['in_out', 'composite', false, 'pg_catalog.record', true],
    ['loose_record', 'scalar', false, 'pg_catalog.record', true],
    ['loose_records', 'scalar', true, 'pg_catalog.record', true],
    ['get_color', 'scalar', false, 'api.color', false],
  ] as const)('%s: %s', (name, kind, isSet, type, isRecord) => {
    const { returns } = only(name);
    expect([
      returns.kind,
      returns.isSet,
      `${returns.type.schema}.${returns.type.name}`,
      returns.isRecord,
    ]).toEqual([kind, isSet, type, isRecord]);
  });
});

test('volatility, description and settings', () => {
  const volatilities = ['add', 'whoami', 'insert_item'].map((name) => only(name).volatility);
  expect(volatilities).toEqual(['immutable', 'stable', 'volatile']);
  expect(only('add').description).toBe('Adds two numbers\n\nNothing more.');
  expect(only('slow').settings).toEqual([['statement_timeout', '3s']]);
  expect(only('slow').isolation).toBeNull();
  expect(only('with_settings').isolation).toBe('serializable');
  expect(only('with_settings').settings).toContainEqual(['app.with_equals', 'a=b, "c"']);
});

test('types of parameters are casts that Postgres takes', async () => {
  const types = [...cache.routines.values()]
    .flat()
    .flatMap(({ parameters }) => parameters.map(({ type }) => type));
  const casts = types.filter((type) => type !== 'anyelement').map((type) => `NULL::${type}`);
  expect(casts.length).toBeGreaterThan(50);
  await database.run(`SET search_path TO ''; SELECT ${casts.join(', ')}`);
});

test('computed fields, by the row that they take', () => {
  const fields = (name: string) =>
    cache.computedFields
      ?.get(keyOf({ schema: 'api', name }))
      ?.map(({ function: { schema, name: field }, type }) => `${schema}.${field} ${type}`);
  expect(fields('items')).toEqual([
    'api.always_true boolean',
    'api.name_vector tsvector',
    'extra.shouted text',
  ]);
  expect(fields('with space')).toEqual(['api.odd field integer']);
  expect(fields('works')).toBeUndefined();
});

test('data representations: implicit casts of domains to and from JSON and text', () => {
  expect(
    cache.representations.map(({ from, to, function: fn }) => `${from} > ${to}: ${fn.schema}.${fn.name}`),
  ).toEqual([
    'api.color > json: api.json',
    'api.unix_time > json: api.json',
    'json > api.color: api.color',
    'json > api.unix_time: api.unix_time',
    'text > api.color: api.color',
  ]);
});

test('media handlers: for a table, for all, for a function, for any type', () => {
  const handlers = cache.mediaConverters.map(({ mediaType, target, function: { name }, isAggregate }) =>
    [mediaType, target?.name ?? 'all', name, isAggregate].join(' '),
  );
  expect(handlers).toEqual(
    expect.arrayContaining([
      'text/html artists html_of_artists true',
      'text/tab-separated-values all tsv_of_all true',
      '*/* guides any_of_guides true',
      '*/* anything anything false',
      'text/html page page false',
      'image/png pixel pixel false',
      'application/vnd.museum+xml museum_xml museum_xml false',
      'text/x-private private_type private_type false',
    ]),
  );
  expect(handlers.filter((text) => text.endsWith('true'))).toHaveLength(3);
});
