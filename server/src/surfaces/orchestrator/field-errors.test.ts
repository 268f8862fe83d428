import { describe, expect, test } from 'vitest';
import type { FieldFault } from '../kit/field-fault.ts';
import { badPathId, fieldEntry, invalidExpiry, malformedJson, notAnObject, summary } from './field-errors.ts';

function fault(fields: Partial<FieldFault>): FieldFault {
  return { part: 'body', field: 'name', rule: 'type', limit: null, value: 7, ...fields };
}

describe('field entries of the orchestrator contract', () => {
  test('a missing field shows the object around it, without its secrets', () => {
    const value = { username: 'ada', password: 'swordfish', token: 'ora_1' };
    expect(fieldEntry(fault({ rule: 'required', value }))).toEqual({
      type: 'missing',
      loc: ['body', 'name'],
      msg: 'Field required',
      input: { username: 'ada', password: '**********', token: '**********' },
    });
  });

  test('a secret at fault is not repeated', () => {
    for (const field of ['password', 'token']) {
      const entry = fieldEntry(fault({ field, rule: 'minLength', limit: 8, value: 'herring' }));
      expect(entry.input).toBe('**********');
      expect(JSON.stringify(entry)).not.toContain('herring');
    }
  });

  test('lengths are told with their number, one character as one', () => {
    expect(fieldEntry(fault({ rule: 'minLength', limit: 1, value: '' }))).toEqual({
      type: 'string_too_short',
      loc: ['body', 'name'],
      msg: 'String should have at least 1 character',
      input: '',
      ctx: { min_length: 1 },
    });
    expect(fieldEntry(fault({ rule: 'maxLength', limit: 100, value: 'x' }))).toMatchObject({
      type: 'string_too_long',
      msg: 'String should have at most 100 characters',
      ctx: { max_length: 100 },
    });
  });

  test('another type, and another place', () => {
    expect(fieldEntry(fault({}))).toEqual({
      type: 'string_type',
      loc: ['body', 'name'],
      msg: 'Input should be a valid string',
      input: 7,
    });
    expect(fieldEntry(fault({ part: 'query' })).loc).toEqual(['query', 'name']);
    expect(fieldEntry(fault({ part: 'params' })).loc).toEqual(['path', 'name']);
  });

  test('no body is missing, any other text or list is no object', () => {
    expect(fieldEntry(fault({ field: null, value: undefined }))).toEqual({
      type: 'missing',
      loc: ['body'],
      msg: 'Field required',
      input: null,
    });
    expect(fieldEntry(fault({ field: null, value: ['x'] }))).toEqual(notAnObject(['x']));
    expect(notAnObject(null)).toEqual({
      type: 'model_attributes_type',
      loc: ['body'],
      msg: 'Input should be a valid dictionary or object to extract fields from',
      input: null,
    });
  });

  test('JSON, times and ids that cannot be read', () => {
    expect(malformedJson(7)).toMatchObject({
      type: 'json_invalid',
      loc: ['body', 7],
      msg: 'JSON decode error',
      input: {},
    });
    expect(invalidExpiry('2020-01-01', 'past')).toMatchObject({
      type: 'value_error',
      loc: ['body', 'expires_at'],
      msg: 'Value error, expires_at must be in the future',
      ctx: { error: 'expires_at must be in the future' },
    });
    expect(invalidExpiry('soon', 'format')).toMatchObject({
      type: 'datetime_from_date_parsing',
      msg: expect.stringMatching(/^Input should be a valid datetime or date, ./),
    });
    expect(badPathId('token_id', 'x')).toMatchObject({ type: 'int_parsing', loc: ['path', 'token_id'] });
  });

  test('one line for clients that read a message', () => {
    expect(summary([fieldEntry(fault({})), malformedJson(1)])).toBe('name: Input should be a valid string');
    expect(summary([])).toBe('');
  });
});
