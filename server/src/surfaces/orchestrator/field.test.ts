import { describe, expect, test } from 'vitest';
import { boolean, checked, type Field, integer, nullable, optional, text, valueError } from './field.ts';

/** The value, or the type of the refusal. */
function outcome<T>(field: Field<T>, given: unknown): unknown {
  const parsed = field.parse(given);
  return 'value' in parsed ? parsed.value : parsed.refusal.type;
}

describe('text', () => {
  const field = text({ min: 2, max: 3 });

  test.each([
    ['ab', 'ab'],
    ['abc', 'abc'],
    ['🔑🔑🔑', '🔑🔑🔑'],
    ['', 'string_too_short'],
    ['🔑', 'string_too_short'],
    ['abcd', 'string_too_long'],
    ['a\ud800', 'value_error'],
    [12, 'string_type'],
    [true, 'string_type'],
    [null, 'string_type'],
    [['ab'], 'string_type'],
  ])('%j → %j', (given, expected) => {
    expect(outcome(field, given)).toBe(expected);
  });

  test('tells its lengths, one character as one', () => {
    expect(text({ min: 1, max: 1 }).parse('')).toEqual({
      refusal: {
        type: 'string_too_short',
        msg: 'String should have at least 1 character',
        ctx: { min_length: 1 },
      },
    });
    expect(field.parse('abcd')).toEqual({
      refusal: {
        type: 'string_too_long',
        msg: 'String should have at most 3 characters',
        ctx: { max_length: 3 },
      },
    });
    expect(field.parse(7)).toEqual({
      refusal: { type: 'string_type', msg: 'Input should be a valid string' },
    });
  });
});

describe('booleans', () => {
  test.each([true, 'true', 'TRUE', '1', 'yes', 'On', 't', 'Y', 1])('%j is true', (given) => {
    expect(boolean.parse(given)).toEqual({ value: true });
  });

  test.each([false, 'false', 'False', '0', 'NO', 'off', 'f', 'n', 0])('%j is false', (given) => {
    expect(boolean.parse(given)).toEqual({ value: false });
  });

  test.each(['', 'maybe', ' true', 'null', '2', 2, -1])('%j cannot be interpreted', (given) => {
    expect(boolean.parse(given)).toEqual({
      refusal: {
        type: 'bool_parsing',
        msg: 'Input should be a valid boolean, unable to interpret input',
      },
    });
  });

  test.each([1.5, null, [], {}])('%j is of another type', (given) => {
    expect(boolean.parse(given)).toEqual({
      refusal: { type: 'bool_type', msg: 'Input should be a valid boolean' },
    });
  });
});

describe('integers', () => {
  const field = integer({ min: 1n, max: 100n });

  test.each([
    [1, 1],
    [100, 100],
    [7.0, 7],
    ['7', 7],
    [' 7 ', 7],
    ['+7', 7],
    ['007', 7],
    ['1_0', 10],
    ['7.00', 7],
    [0, 'greater_than_equal'],
    [-1, 'greater_than_equal'],
    ['-0', 'greater_than_equal'],
    [101, 'less_than_equal'],
    ['9'.repeat(400), 'less_than_equal'],
    [`-${'9'.repeat(400)}`, 'greater_than_equal'],
    [1e300, 'less_than_equal'],
    [Number.POSITIVE_INFINITY, 'less_than_equal'],
    [Number.NEGATIVE_INFINITY, 'greater_than_equal'],
    [1.5, 'int_from_float'],
    ['1.5', 'int_parsing'],
    ['1e1', 'int_parsing'],
    ['0x10', 'int_parsing'],
    ['1__0', 'int_parsing'],
    ['_1', 'int_parsing'],
    ['- 1', 'int_parsing'],
    ['１', 'int_parsing'],
    ['', 'int_parsing'],
    ['seven', 'int_parsing'],
    [true, 'int_type'],
    [null, 'int_type'],
    [[7], 'int_type'],
    [{}, 'int_type'],
  ])('%j → %j', (given, expected) => {
    expect(outcome(field, given)).toBe(expected);
  });

  test('tell their range, and each refusal its own words', () => {
    expect(field.parse(0)).toEqual({
      refusal: {
        type: 'greater_than_equal',
        msg: 'Input should be greater than or equal to 1',
        ctx: { ge: 1 },
      },
    });
    expect(field.parse(101)).toEqual({
      refusal: {
        type: 'less_than_equal',
        msg: 'Input should be less than or equal to 100',
        ctx: { le: 100 },
      },
    });
    const words = [[], 'x', 1.5].map((given) => {
      const parsed = field.parse(given);
      return 'refusal' in parsed && parsed.refusal.msg;
    });
    expect(words).toEqual([
      'Input should be a valid integer',
      'Input should be a valid integer, unable to parse string as an integer',
      'Input should be a valid integer, got a number with a fractional part',
    ]);
  });

  test('a range beyond exact numbers is told with all its digits', () => {
    const wide = integer({ min: 1n, max: 2n ** 63n - 1n });
    expect(wide.parse('9223372036854775807')).toEqual({ value: Number.MAX_SAFE_INTEGER });
    const parsed = wide.parse('9223372036854775808');
    expect(JSON.stringify(parsed)).toContain('"ctx":{"le":9223372036854775807}');
  });

  test('without an upper end the largest exact number stands for all beyond it', () => {
    expect(integer({ min: 0n }).parse('9'.repeat(25))).toEqual({ value: Number.MAX_SAFE_INTEGER });
  });
});

describe('a field', () => {
  const word = text({ min: 1, max: 9 });

  test('may be absent with a value in its place, and then null is still refused', () => {
    const field = optional(word, 'none');
    expect(field.absent).toEqual({ value: 'none' });
    expect(outcome(field, null)).toBe('string_type');
    expect(word.absent).toBeUndefined();
  });

  test('may be null or absent, which is one', () => {
    const field = nullable(word);
    expect(field.absent).toEqual({ value: null });
    expect(outcome(field, null)).toBeNull();
    expect(outcome(field, '')).toBe('string_too_short');
  });

  test('may be looked at once more, after its own rules', () => {
    const field = checked(word, (value) => (value === 'no' ? valueError('not no') : undefined));
    expect(outcome(field, 'yes')).toBe('yes');
    expect(outcome(field, '')).toBe('string_too_short');
    expect(field.parse('no')).toEqual({
      refusal: { type: 'value_error', msg: 'Value error, not no', ctx: { error: 'not no' } },
    });
  });
});
