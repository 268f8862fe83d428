import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isTakenByPostgres, parseDatabaseName, parsePgUsername } from './postgres-names.ts';

const INNER = 'abcdefghijklmnopqrstuvwxyz0123456789_-';

/** Names that the rule allows, spelled as it is written down, not as it is implemented. */
const databaseNames = fc
  .tuple(
    fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789'),
    fc.array(fc.constantFrom(...INNER), { minLength: 1, maxLength: 61 }),
    fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789'),
  )
  .map(([first, inner, last]) => first + inner.join('') + last)
  .filter((name) => !name.startsWith('pg_') && !name.startsWith('postgres'));

const usernames = fc
  .tuple(
    fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz'),
    fc.array(fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789_'), { minLength: 2, maxLength: 62 }),
  )
  .map(([first, rest]) => first + rest.join(''))
  .filter((name) => !name.startsWith('pg_'));

/** Characters beyond ASCII that fold, normalise or look like an ASCII letter, a hyphen or nothing. */
const LOOK_ALIKES = [
  ...'\u212a\u017f\u0131\u0130', // Kelvin sign, long s, dotless i, I with dot
  ...'аеорсухіѕјԁ', // Cyrillic
  ...'αοντ', // Greek
  ...'ａｚ０９＿－', // full width
  ...'\u2010\u2011\u2212\u00ad', // hyphens that are none
  ...'\u200b\u200d\ufeff\u2060', // nothing to be seen
  ...'\u00a0\u2003\u2028\u0085', // blanks that trim() would remove
  ...'ßéñ①²',
  '\u0301',
  '😀',
];

function insert(name: string, at: number, text: string): string {
  const place = at % (name.length + 1);
  return name.slice(0, place) + text + name.slice(place);
}

describe('database names', () => {
  test('every name that the rule allows is taken as it is', () => {
    fc.assert(
      fc.property(databaseNames, (name) => {
        expect(parseDatabaseName(name)).toBe(name);
      }),
    );
  });

  test('case and outer blanks do not count', () => {
    fc.assert(
      fc.property(databaseNames, fc.stringMatching(/^[ \t\r\n]{0,3}$/), (name, blanks) => {
        expect(parseDatabaseName(blanks + name.toUpperCase() + blanks)).toBe(name);
      }),
    );
  });

  test('no look-alike passes, wherever it stands', () => {
    fc.assert(
      fc.property(databaseNames, fc.constantFrom(...LOOK_ALIKES), fc.nat(), (name, odd, at) => {
        expect(parseDatabaseName(insert(name, at, odd))).toBeUndefined();
        expect(parsePgUsername(insert(name, at, odd))).toBeUndefined();
      }),
    );
  });

  test('whatever passes is plain and safe, from any text at all', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...INNER, ...'AZ. \'";\\$', '\0') }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(parseDatabaseName(text) ?? 'abc').toMatch(/^[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]$/);
        expect(parsePgUsername(text) ?? 'abc').toMatch(/^[a-z][a-z0-9_]{2,62}$/);
      }),
      { numRuns: 500 },
    );
  });

  test.each(['1ab', 'a-b', 'abc', '0_0', `a${'-'.repeat(61)}b`, 'pgx', 'pg-shop', 'postgre'])(
    '%s is a name',
    (name) => expect(parseDatabaseName(name)).toBe(name),
  );

  test.each([
    '',
    'ab',
    'a'.repeat(64),
    '-abc',
    'abc-',
    '_abc',
    'abc_',
    'a b',
    'a.b',
    'a/b',
    'a"b',
    "a'b",
    'a;drop',
    'a\\b',
    'a$b',
    'abc\0',
    'pg_shop',
    'PG_shop',
    ' pg_shop',
    'postgres',
    'postgresql',
    'Postgres1',
  ])('%j is none', (name) => expect(parseDatabaseName(name)).toBeUndefined());

  test('words that Postgres and poolers read otherwise are names that nobody can have', () => {
    for (const word of ['all', 'sameuser', 'samerole', 'samegroup', 'replication', 'pgbouncer']) {
      expect(parseDatabaseName(word)).toBe(word);
      expect(isTakenByPostgres(word)).toBe(true);
    }
    expect(isTakenByPostgres('shop')).toBe(false);
  });
});

describe('user names', () => {
  test('every name that the rule allows is taken, without regard to case and outer blanks', () => {
    fc.assert(
      fc.property(usernames, (name) => {
        expect(parsePgUsername(name)).toBe(name);
        expect(parsePgUsername(` ${name.toUpperCase()}\n`)).toBe(name);
      }),
    );
  });

  test.each(['', 'ab', 'a'.repeat(64), '1ab', '_ab', 'a-b', 'pg_ada', 'Pg_ada', 'a b', 'ada"', 'ada\0'])(
    '%j is none',
    (name) => expect(parsePgUsername(name)).toBeUndefined(),
  );

  test('the longest name has 63 characters', () => {
    expect(parsePgUsername('a'.repeat(63))).toBe('a'.repeat(63));
  });
});
