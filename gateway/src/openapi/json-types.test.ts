import { describe, expect, it } from 'vitest';
import { defaultOf, jsonTypeOf, schemaOfType } from './json-types.ts';

describe('types', () => {
  it.each([
    ['text', 'string'],
    ['timestamp with time zone', 'string'],
    ['double precision', 'number'],
    ['boolean', 'boolean'],
    ['json', null],
    ['integer[]', 'array'],
    ['toString', 'string'],
  ])('%s is %s', (type, expected) => {
    expect(jsonTypeOf(type)).toBe(expected);
  });

  it('an array of JSON has elements of any type', () => {
    expect(schemaOfType('jsonb[]')).toEqual({ type: 'array', items: {}, format: 'jsonb[]' });
  });

  it.each([
    ['integer', '5', 5],
    ['boolean', 'true', true],
    ['text', "'a b'::text", 'a b'],
    ['text', 'now()', 'now()'],
    ['integer', 'random()', undefined],
    ['text', `'"'::text`, undefined],
    ['integer', null, undefined],
  ])('%s default %s is %j', (type, expression, expected) => {
    expect(defaultOf(type, expression)).toEqual(expected);
  });
});
