import { expect, test } from 'vitest';
import { RestFault } from '../../fault.ts';
import { parseQuery } from './parse-query.ts';

function faultOf(text: string): readonly [string, unknown] {
  try {
    parseQuery(text, false);
  } catch (error) {
    if (!(error instanceof RestFault)) throw error;
    expect([error.status, error.code, error.hint]).toEqual([400, 'PGRST100', null]);
    return [error.message, error.details];
  }
  throw new Error(`${text} was accepted`);
}

const operator = 'expecting "not" or operator (eq, gt, ...)';

test.each([
  ['a=val', 'filter (val)', 1, `unexpected "v" ${operator}`],
  ['a=', 'filter ()', 1, `unexpected end of input ${operator}`],
  ['a=noop.0', 'filter (noop.0)', 1, `unexpected "o" ${operator}`],
  ['a=eq().value', 'filter (eq().value)', 4, 'unexpected ")" expecting operator (eq, gt, ...)'],
  ['a=fts().value', 'filter (fts().value)', 5, 'unexpected ")" expecting operator (eq, gt, ...)'],
  ['a=is().value', 'filter (is().value)', 3, 'unexpected "(" expecting operator (eq, gt, ...)'],
  ['a=in().value', 'filter (in().value)', 3, 'unexpected "(" expecting operator (eq, gt, ...)'],
  ['a=in.1', 'filter (in.1)', 4, 'unexpected "1" expecting "("'],
  ['a=in.(', 'filter (in.()', 5, 'unexpected end of input expecting "\\"", "," or ")"'],
  [
    'a=is.nil',
    'filter (is.nil)',
    5,
    'unexpected "i" expecting isVal: (null, not_null, true, false, unknown)',
  ],
  [
    'select=id,clients(name[])',
    'select parameter (id,clients(name[]))',
    16,
    'unexpected \'[\' expecting letter, digit, "-", "->>", "->", "::", ".", ")", "," or end of input',
  ],
  [
    'select=data->>-78xy',
    'select parameter (data->>-78xy)',
    11,
    'unexpected \'x\' expecting digit, "->", "::", ".", "," or end of input',
  ],
  [
    'select=name!hint',
    'select parameter (name!hint)',
    5,
    'unexpected \'!\' expecting letter, digit, "-", "->>", "->", "::", ".", ")", "," or end of input',
  ],
  ['select=name::', 'select parameter (name::)', 7, 'unexpected end of input expecting letter or digit'],
  ['select=d->>--34', 'select parameter (d->>--34)', 6, 'unexpected "-" expecting digit'],
  [
    'order=clients(name,id)',
    'order (clients(name,id))',
    8,
    'unexpected \'(\' expecting letter, digit, "-", "->>", "->", delimiter (.), "," or end of input',
  ],
  ['order=id.ac', 'order (id.ac)', 4, 'unexpected "c" expecting "asc", "desc", "nullsfirst" or "nullslast"'],
  [
    'order=id.smth34',
    'order (id.smth34)',
    4,
    'unexpected "s" expecting "asc", "desc", "nullsfirst" or "nullslast"',
  ],
  ['order=id.descc', 'order (id.descc)', 8, 'unexpected \'c\' expecting delimiter (.), "," or end of input'],
  ['order=id.nullslasttt', 'order (id.nullslasttt)', 13, 'unexpected \'t\' expecting "," or end of input'],
  ['order=id.asc.nlsfst', 'order (id.asc.nlsfst)', 8, 'unexpected "l" expecting "nullsfirst" or "nullslast"'],
  ['order=', 'order ()', 1, 'unexpected end of input expecting field name (* or [a..z0..9_$])'],
  [
    'or=()',
    'logic tree (())',
    4,
    'unexpected ")" expecting field name (* or [a..z0..9_$]), negation operator (not) or logic operator (and, or)',
  ],
  ['or=(id.in.1,2,id.eq.3)', 'logic tree ((id.in.1,2,id.eq.3))', 10, 'unexpected "1" expecting "("'],
  ['or=)(', 'logic tree ()()', 3, 'unexpected ")" expecting "("'],
  [
    'and=(ord(id.eq.1,id.eq.1),id.eq.2)',
    'logic tree ((ord(id.eq.1,id.eq.1),id.eq.2))',
    7,
    'unexpected "d" expecting "("',
  ],
  [
    'or=(id.eq.1,not.xor(id.eq.2,id.eq.3))',
    'logic tree ((id.eq.1,not.xor(id.eq.2,id.eq.3)))',
    16,
    'unexpected "x" expecting logic operator (and, or)',
  ],
  ['columns=:', 'columns parameter (:)', 1, 'unexpected ":" expecting field name (* or [a..z0..9_$])'],
  [
    'on_conflict=',
    'on_conflict parameter ()',
    1,
    'unexpected end of input expecting field name (* or [a..z0..9_$])',
  ],
  ['(=eq.1', 'tree path (()', 1, 'unexpected "(" expecting field name (* or [a..z0..9_$])'],
])('%s', (text, subject, columnNumber, details) => {
  expect(faultOf(text)).toEqual([`"failed to parse ${subject}" (line 1, column ${columnNumber})`, details]);
});

test('places count whole characters, lines and tabs; other characters are shown by number', () => {
  expect(faultOf('a=%F0%9F%98%80')[1]).toBe(`unexpected "\\128512" ${operator}`);
  expect(faultOf('a=in.(%F0%9F%98%80,%0A%09x')).toEqual([
    '"failed to parse filter (in.(😀,\n\tx)" (line 2, column 10)',
    'unexpected end of input expecting "," or ")"',
  ]);
  expect(faultOf('a=%00')[1]).toBe(`unexpected "\\NUL" ${operator}`);
});

test('parentheses nest only so deep', () => {
  expect(faultOf(`select=${'a('.repeat(5000)}`)[1]).toBe('more than 100 levels of parentheses');
  expect(faultOf(`and=${'(and'.repeat(5000)}`)[1]).toBe('more than 100 levels of parentheses');
});
