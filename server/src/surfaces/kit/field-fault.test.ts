import fc from 'fast-check';
import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import { fieldCheck } from './field-fault.ts';

const Body = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 5 }),
  level: Type.Union([Type.Literal('read'), Type.Literal('write')]),
  id: Type.Optional(Type.String({ format: 'uuid' })),
  flag: Type.Optional(Type.Boolean()),
  page: Type.Optional(Type.String({ pattern: '^[0-9]+$' })),
});
const check = fieldCheck('body', Body);
const good = { name: 'ada', level: 'read' };

describe('fieldCheck', () => {
  test('finds nothing where nothing is wrong; unknown fields are none of its business', () => {
    expect(check(good)).toEqual([]);
    const id = '2f1b8d3e-0c1a-4b6e-9a3c-0123456789ab';
    expect(check({ ...good, id, flag: false, page: '7', other: { deep: 1 } })).toEqual([]);
    expect(check({ ...good, id: id.toUpperCase() })).toEqual([]);
    expect(check({ ...good, flag: undefined })).toEqual([]);
  });

  test.each([undefined, null, 'text', 7, true, [good], []])('%j is no object', (value) => {
    expect(check(value)).toEqual([{ part: 'body', field: null, rule: 'type', limit: null, value }]);
  });

  test('lists every field at fault, in the order of the schema, with the rule it breaks', () => {
    const value = { page: 'x', flag: 'yes', id: 'none', level: 'admin', name: 'too long' };
    expect(check(value).map(({ field, rule, limit }) => [field, rule, limit])).toEqual([
      ['name', 'maxLength', 5],
      ['level', 'anyOf', null],
      ['id', 'format', null],
      ['flag', 'type', null],
      ['page', 'pattern', null],
    ]);
    expect(check(value).map((fault) => fault.value)).toEqual(['too long', 'admin', 'none', 'yes', 'x']);
  });

  test('a missing field is told with the object around it', () => {
    const value = { level: 'read' };
    expect(check(value)).toEqual([{ part: 'body', field: 'name', rule: 'required', limit: null, value }]);
  });

  test('what an object merely inherits is not given', () => {
    const withConstructor = fieldCheck('body', Type.Object({ constructor: Type.Unknown() }));
    expect(withConstructor({}).map(({ rule }) => rule)).toEqual(['required']);
    expect(check(JSON.parse('{"__proto__": {"name": "ada", "level": "read"}}'))).toHaveLength(2);
  });

  test.each([
    ['name', '', 'minLength'],
    ['name', 7, 'type'],
    ['name', null, 'type'],
    ['name', ['ada'], 'type'],
    ['level', 'READ', 'anyOf'],
    ['level', null, 'anyOf'],
    ['id', 'urn:uuid:2f1b8d3e-0c1a-4b6e-9a3c-0123456789ab', 'format'],
    ['id', '{2f1b8d3e-0c1a-4b6e-9a3c-0123456789ab}', 'format'],
    ['id', '2f1b8d3e0c1a4b6e9a3c0123456789ab', 'format'],
    ['id', '2f1b8d3e-0c1a-4b6e-9a3c-0123456789ab\n', 'format'],
  ])('%s = %j breaks %s', (field, value, rule) => {
    expect(check({ ...good, [field]: value })).toMatchObject([{ field, rule, value }]);
  });

  test('answers every value there is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
        // No JSON value that is made by chance has both required fields.
        expect(check(value).map(({ field }) => field)).toEqual(
          isObject ? expect.arrayContaining(['name', 'level']) : [null],
        );
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), (name) => {
        const passes = typeof name === 'string' && [...name].length >= 1 && [...name].length <= 5;
        // Whether length counts code units or points is the schema's affair, so astral names stay out.
        fc.pre(typeof name !== 'string' || name.length === [...name].length);
        expect(check({ ...good, name }).length === 0).toBe(passes);
      }),
    );
  });
});
