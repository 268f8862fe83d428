import { expect, test } from 'vitest';
import { wholeNumber } from './whole-number.ts';

test.each([
  ['0', 0],
  ['10000', 10_000],
  ['-1', -1],
])('%j is a number', (text, expected) => {
  expect(wholeNumber(text)).toBe(expected);
});

test.each(['', ' ', '1.5', '1e3', '0x10', 'ten', '99999999999999999999'])('%j is none', (text) => {
  expect(() => wholeNumber(text)).toThrow('It must be a whole number.');
});
