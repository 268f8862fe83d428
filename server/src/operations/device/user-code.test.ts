import { describe, expect, test } from 'vitest';
import { newUserCode, parseUserCode, presentUserCode } from './user-code.ts';

describe('a user code', () => {
  test('has eight letters that nobody mistakes for another', () => {
    const codes = Array.from({ length: 500 }, newUserCode);
    expect(new Set(codes).size).toBe(500);
    expect(codes.filter((code) => !/^[BCDFGHJKLMNPQRSTVWXZ]{8}$/.test(code))).toEqual([]);
  });

  test('is read back from the way it is shown', () => {
    const code = newUserCode();
    expect(presentUserCode(code)).toMatch(/^[A-Z]{4}-[A-Z]{4}$/);
    expect(parseUserCode(presentUserCode(code))).toBe(code);
  });

  test.each(['BCDF-GHJK', 'bcdfghjk', ' bcdf ghjk\t', 'BcDf–GhJk', 'b c d f - g h j k', 'BCDF\u00adGHJK'])(
    '%j is BCDFGHJK',
    (text) => {
      expect(parseUserCode(text)).toBe('BCDFGHJK');
    },
  );

  test.each([
    '',
    '----',
    'BCDF-GHJ',
    'BCDF-GHJKL',
    'ABCD-EFGH',
    'BCDF/GHJK',
    '1CDF-GHJK',
    'BCDFGHJ\0',
    'ßCDFGHJK',
  ])('%j is none', (text) => {
    expect(parseUserCode(text)).toBeUndefined();
  });
});
