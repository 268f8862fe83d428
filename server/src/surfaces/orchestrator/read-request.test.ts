import { describe, expect, test } from 'vitest';
import { Fault } from '../../kernel/fault.ts';
import { boolean, integer, nullable, optional, text } from './field.ts';
import type { FieldEntry } from './field-entry.ts';
import { id } from './id-field.ts';
import { type RequestFields, readRequest } from './read-request.ts';

const fields = {
  path: { box_id: id },
  query: { limit: optional(integer({ min: 1n, max: 100n }), 50), open: optional(boolean, null) },
  body: { name: text({ min: 1, max: 9 }), lid: nullable(boolean) },
};

function raw({ params = {}, query = {}, body }: Record<string, unknown> = {}) {
  return { params: params as Record<string, string>, query: query as Record<string, unknown>, body };
}

function entriesOf(request: Record<string, unknown>, asked: RequestFields = fields): readonly FieldEntry[] {
  try {
    readRequest(raw(request), asked);
  } catch (error) {
    expect(error).toBeInstanceOf(Fault);
    expect((error as Fault).code).toBe('request.fields');
    return (error as Fault).details.entries as FieldEntry[];
  }
  return [];
}

describe('readRequest', () => {
  test('yields what was read, with what stands for absent fields, and nothing that was not asked for', () => {
    const read = readRequest(
      raw({ params: { box_id: '7' }, query: { limit: '5', more: 'x' }, body: { name: 'box', size: 3 } }),
      fields,
    );
    expect(read).toEqual({
      path: { box_id: { id: 7 } },
      query: { limit: 5, open: null },
      body: { name: 'box', lid: null },
    });
    expect(readRequest(raw(), { query: fields.query })).toEqual({ query: { limit: 50, open: null } });
  });

  test('lists every fault: path, query, body, and then in the order of the fields', () => {
    const entries = entriesOf({
      body: { lid: 'x', password: 'swordfish' },
      query: { open: 'x', limit: '0' },
      params: { box_id: 'x' },
    });
    expect(entries.map(({ type, loc }) => [type, ...loc])).toEqual([
      ['int_parsing', 'path', 'box_id'],
      ['greater_than_equal', 'query', 'limit'],
      ['bool_parsing', 'query', 'open'],
      ['missing', 'body', 'name'],
      ['bool_parsing', 'body', 'lid'],
    ]);
    expect(entries[3]?.input).toEqual({ lid: 'x', password: '**********' });
  });

  test.each([undefined, null])('the body %j is a missing one', (body) => {
    expect(entriesOf({ body }, { body: fields.body })).toEqual([
      { type: 'missing', loc: ['body'], msg: 'Field required', input: null },
    ]);
  });

  test.each([[[]], [['x']], ['text'], [7], [true]])('the body %j is no object', (body) => {
    expect(entriesOf({ body }, { body: fields.body })).toEqual([
      {
        type: 'model_attributes_type',
        loc: ['body'],
        msg: 'Input should be a valid dictionary or object to extract fields from',
        input: body,
      },
    ]);
  });

  test('of a parameter that is given twice the last counts', () => {
    expect(readRequest(raw({ query: { limit: ['x', '7'] } }), { query: fields.query }).query.limit).toBe(7);
  });

  test('what every object inherits is no field', () => {
    const asked = { body: { constructor: nullable(text({ min: 0, max: 9 })) } };
    expect(readRequest(raw({ body: {} }), asked).body.constructor).toBeNull();
  });
});

describe('ids', () => {
  test.each<[string, unknown]>([
    ['1', { id: 1 }],
    ['9223372036854775807', { id: Number.MAX_SAFE_INTEGER }],
    ['00000000-0000-4000-8000-00000000000A', { uuid: '00000000-0000-4000-8000-00000000000A' }],
  ])('%s is one', (text, value) => {
    expect(id.parse(text)).toEqual({ value });
  });

  test.each([
    ['0', 'greater_than_equal'],
    ['-1', 'greater_than_equal'],
    ['9223372036854775808', 'less_than_equal'],
    ['12abc', 'int_parsing'],
    ['1.5', 'int_parsing'],
    [' ', 'int_parsing'],
    ['00000000-0000-4000-8000-00000000000', 'int_parsing'],
  ])('%s is none', (text, type) => {
    expect(id.parse(text)).toMatchObject({ refusal: { type } });
  });
});
