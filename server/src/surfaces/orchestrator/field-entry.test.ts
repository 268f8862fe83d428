import { describe, expect, test } from 'vitest';
import {
  malformedJson,
  maskedInput,
  missingField,
  notAnObject,
  refusedField,
  summary,
} from './field-entry.ts';

const refusal = { type: 'string_type', msg: 'Input should be a valid string' };

describe('entries', () => {
  test('tell the type, the place, the words, and what came', () => {
    expect(refusedField('query', 'name', 7, refusal)).toEqual({
      ...refusal,
      loc: ['query', 'name'],
      input: 7,
    });
    const withContext = refusedField('path', 'name', '', { ...refusal, ctx: { ge: 1 } });
    expect(withContext.ctx).toEqual({ ge: 1 });
    expect(malformedJson(7)).toEqual({
      type: 'json_invalid',
      loc: ['body', 7],
      msg: 'JSON decode error',
      input: {},
      ctx: { error: expect.any(String) },
    });
  });

  test('have one line for clients that read a message', () => {
    expect(summary([refusedField('body', 'name', 7, refusal), malformedJson(1)])).toBe(
      'name: Input should be a valid string',
    );
    expect(summary([])).toBe('');
  });
});

describe('what came', () => {
  test('is shown without secrets, however deep they stand', () => {
    const body = {
      username: 'ada',
      password: 'swordfish',
      Password: 'swordfish',
      inside: [{ token: 'ora_1', new_password: 'swordfish' }],
    };
    const entry = missingField('body', 'email', body);
    expect(entry).toEqual({
      type: 'missing',
      loc: ['body', 'email'],
      msg: 'Field required',
      input: {
        username: 'ada',
        password: '**********',
        Password: '**********',
        inside: [{ token: '**********', new_password: '**********' }],
      },
    });
    expect(notAnObject([body])).toMatchObject({ input: [entry.input] });
  });

  test('is not shown at all where it is the secret', () => {
    for (const name of ['password', 'token']) {
      for (const value of ['herring', 7, { herring: 1 }, ['herring'], null]) {
        expect(refusedField('body', name, value, refusal).input).toBe('**********');
      }
    }
  });

  test('is not shown where one text may hold a secret', () => {
    for (const text of [JSON.stringify({ password: 'herring' }), 'username=ada&password=herring']) {
      expect(notAnObject(text).input).toBe('**********');
    }
    expect(notAnObject('token').input).toBe('token');
    expect(maskedInput('name', 'my password: none')).toBe('my password: none');
  });

  test('is left out when it is too long or too deep', () => {
    expect(maskedInput('name', 'x'.repeat(5_000))).toBeNull();
    let deep: unknown = [];
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(maskedInput('name', deep)).toBeNull();
    expect(maskedInput('name', undefined)).toBeNull();
  });
});
