import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arrayLiteral, quoteColumn, quoteIdentifier, quoteQualified } from './quote.ts';

test('names are quoted, whatever they hold', () => {
  expect(quoteIdentifier('a')).toBe('"a"');
  expect(quoteIdentifier('a"; DROP TABLE b; --')).toBe('"a""; DROP TABLE b; --"');
  expect(quoteQualified({ schema: 'my schema', name: 't"' })).toBe('"my schema"."t"""');
  expect(quoteColumn('select', 'from')).toBe('"select"."from"');
});

test('no name ends its quotes early', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (name) => {
      fc.pre(!name.includes('\0'));
      const quoted = quoteIdentifier(name);
      expect(quoted.slice(1, -1).replaceAll('""', '')).not.toContain('"');
      expect(quoted.slice(1, -1).replaceAll('""', '"')).toBe(name);
    }),
  );
});

test('a NUL is refused', () => {
  expect(() => quoteIdentifier('a\0b')).toThrow(
    expect.objectContaining({ status: 400, code: '22021', message: expect.stringContaining('0x00') }),
  );
});

test('elements of an array are quoted one by one', () => {
  expect(arrayLiteral(['a', 'b,c', '{d}', 'e"f', 'g\\h', '', 'NULL'])).toBe(
    '{"a","b,c","{d}","e\\"f","g\\\\h","","NULL"}',
  );
  expect(arrayLiteral([])).toBe('{}');
});
