import { describe, expect, test } from 'vitest';
import type { Field } from './field.ts';
import { newUserBody, userChangeBody } from './user-fields.ts';

function outcome<T>(field: Field<T>, given: unknown): unknown {
  const parsed = field.parse(given);
  return 'value' in parsed ? parsed.value : parsed.refusal.type;
}

describe('the fields of a user', () => {
  test.each([
    ['username', 'ada', 'ada'],
    ['username', 'Ada Lovelace 🔑', 'Ada Lovelace 🔑'],
    ['username', 'ad', 'string_too_short'],
    ['username', 'a'.repeat(51), 'string_too_long'],
    ['username', 'ada\n', 'value_error'],
    ['username', 'ada\0', 'value_error'],
    ['email', 'Ada@Example.org', 'Ada@Example.org'],
    ['email', ' ada@example.org ', 'ada@example.org'],
    ['email', 'ada', 'value_error'],
    ['email', '', 'value_error'],
    ['email', `${'a'.repeat(64)}@${'b.'.repeat(95)}org`, 'string_too_long'],
    ['email', 7, 'string_type'],
    ['password', 'swordfish', 'swordfish'],
    ['password', 'p'.repeat(1024), 'p'.repeat(1024)],
    ['password', 'herring', 'string_too_short'],
    ['password', 'p'.repeat(1025), 'string_too_long'],
    ['is_admin', 'yes', true],
    ['is_admin', null, 'bool_type'],
    ['rate_limit_per_second', 10_000, 10_000],
    ['rate_limit_per_second', 10_001, 'less_than_equal'],
    ['rate_limit_per_second', 0, 'greater_than_equal'],
    ['rate_limit_burst', 100_000, 100_000],
    ['rate_limit_burst', -1, 'greater_than_equal'],
    ['rate_limit_burst', null, null],
  ] as const)('%s: %j → %j', (name, given, expected) => {
    expect(outcome<unknown>(newUserBody[name], given)).toBe(expected);
  });

  test('what is no address says why', () => {
    const reason = 'An email address must have an @-sign.';
    expect(newUserBody.email.parse('ada')).toEqual({
      refusal: {
        type: 'value_error',
        msg: `value is not a valid email address: ${reason}`,
        ctx: { reason },
      },
    });
  });

  test('three must be there for a new one, none for a change', () => {
    const required = (fields: Readonly<Record<string, Field<unknown>>>) =>
      Object.keys(fields).filter((name) => fields[name]?.absent === undefined);
    expect(required(newUserBody)).toEqual(['username', 'email', 'password']);
    expect(required(userChangeBody)).toEqual([]);
    expect(Object.values(userChangeBody).map((field) => outcome<unknown>(field, null))).toEqual(
      Array.from({ length: 7 }, () => null),
    );
  });
});
