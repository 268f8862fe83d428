import { describe, expect, test } from 'vitest';
import { time } from './time-field.ts';

describe('times', () => {
  test.each([
    ['2999-12-31T23:59:59Z', '2999-12-31T23:59:59.000Z'],
    ['2999-12-31T23:59:59', '2999-12-31T23:59:59.000Z'],
    ['2999-12-31T23:59:59+02:00', '2999-12-31T21:59:59.000Z'],
    ['2999-12-31T23:59:59 02:00', '2999-12-31T21:59:59.000Z'],
    ['2999-12-31', '2999-12-31T00:00:00.000Z'],
    [32_503_680_000, '3000-01-01T00:00:00.000Z'],
    ['32503680000', '3000-01-01T00:00:00.000Z'],
    [0, '1970-01-01T00:00:00.000Z'],
    [-1, '1969-12-31T23:59:59.000Z'],
  ])('%j is %s', (given, instant) => {
    expect(time.parse(given)).toEqual({ value: new Date(instant) });
  });

  test.each(['', 'tomorrow', '2026-02-30', '2026-01-02T25:00:00Z', 1.5, true, {}, [], null])(
    '%j is none',
    (given) => {
      const error = 'the input is not an RFC 3339 time';
      expect(time.parse(given)).toEqual({
        refusal: {
          type: 'datetime_from_date_parsing',
          msg: `Input should be a valid datetime or date, ${error}`,
          ctx: { error },
        },
      });
    },
  );

  test.each(['9999-12-31T23:59:59-01:00', 253_402_300_800, 1e300, -1e300, '999999999999999'])(
    '%j has a year that cannot be shown',
    (given) => {
      expect(time.parse(given)).toMatchObject({ refusal: { type: 'datetime_from_date_parsing' } });
    },
  );
});
