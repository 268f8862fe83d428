import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyOf } from '../schema/schema-cache.ts';
import { castTypes, readTypeName } from './cast-type.ts';
import { column, emptyCache, tableOf } from './test-cache.ts';

const table = tableOf(
  't',
  column('a', 'api.mood'),
  column('b', 'text', { nominalType: 'extra.email' }),
  column('c', 'other.mood'),
  column('d', 'api."weird type"'),
  column('e', 'character varying', { nominalType: 'character varying(10)' }),
);
const cache = { ...emptyCache(), tables: new Map([[keyOf(table), table]]) };
const castType = castTypes(cache, ['api', 'extra']);

test.each([
  ['text', 'text'],
  ['INT', 'integer'],
  ['int8', 'bigint'],
  ['double  precision', 'double precision'],
  ['timestamp with time zone', 'timestamp with time zone'],
  ['mood', 'api.mood'],
  ['Mood', 'api.mood'],
  ['email', 'extra.email'],
  ['weird type', 'api."weird type"'],
])('%s is written as %s', (name, expected) => {
  expect(castType(name)).toBe(expected);
});

test('a type of another schema is found where the own ones lack it', () => {
  expect(castTypes(cache, ['other'])('mood')).toBe('other.mood');
});

test.each(['nope', 'character varying(10)', 'text[]', 'text) --', '"x"', '', 'api.mood'])(
  '%s is no type',
  (name) => {
    expect(() => castType(name)).toThrow(`type "${name}" does not exist`);
  },
);

test('what is written never is the text of the request', () => {
  const known = new Set(['text', 'integer', 'api.mood', 'extra.email', 'other.mood', 'api."weird type"']);
  fc.assert(
    fc.property(fc.string(), (name) => {
      let written: string | null = null;
      try {
        written = castType(name);
      } catch (error) {
        expect(error).toMatchObject({ status: 400, code: '42704' });
      }
      expect(written === null || known.has(written) || /^[a-z][a-z0-9_ ]+$/.test(written)).toBe(true);
    }),
  );
});

test.each([
  ['integer', null, 'integer'],
  ['api.mood', 'api', 'mood'],
  ['"My ""s".t', 'My "s', 't'],
  ['api."a.b"', 'api', 'a.b'],
  ['api.mood[]', null, null],
  ['numeric(5,2)', null, null],
])('%s is read as %s and %s', (sql, schema, name) => {
  expect(readTypeName(sql)).toEqual({ schema, name });
});
