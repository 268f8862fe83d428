import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isWellFormedApiToken, newApiToken, randomText, tokenDigest } from './token.ts';

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

describe('API tokens', () => {
  test.each(['sk_live_', 'ora_'])('%s: prefix, 43 characters of secret, 6 of checksum', (prefix) => {
    const token = newApiToken(prefix);
    expect(token).toMatch(new RegExp(`^${prefix}[0-9A-Za-z]{49}$`));
    expect(isWellFormedApiToken(token)).toBe(true);
  });

  test('no two are alike, and the secret uses its whole alphabet', () => {
    const tokens = Array.from({ length: 400 }, () => newApiToken('ora_'));
    expect(new Set(tokens).size).toBe(tokens.length);
    expect(new Set(tokens.join('').replaceAll('ora_', '')).size).toBe(62);
  });

  test('one changed character is seen, wherever it stands', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 52 }), fc.constantFrom(...LETTERS), (at, letter) => {
        const token = newApiToken('ora_');
        fc.pre(token[at] !== letter);
        const changed = token.slice(0, at) + letter + token.slice(at + 1);
        expect(isWellFormedApiToken(changed)).toBe(false);
      }),
    );
  });

  test('two neighbours that changed places are seen', () => {
    const token = newApiToken('sk_live_');
    const at = [...token].findIndex((letter, index) => index >= 8 && letter !== token[index + 1]);
    const swapped = `${token.slice(0, at)}${token[at + 1]}${token[at]}${token.slice(at + 2)}`;
    expect(isWellFormedApiToken(swapped)).toBe(false);
  });

  test.each([
    ['nothing', ''],
    ['the prefix alone', 'ora_'],
    ['an unknown prefix', newApiToken('pat_')],
    ['a blank behind it', `${newApiToken('ora_')} `],
    ['a line end behind it', `${newApiToken('ora_')}\n`],
    ['one character too many', `${newApiToken('ora_')}0`],
    ['one too few', newApiToken('ora_').slice(0, -1)],
    ['the prefix of the other kind', newApiToken('ora_').replace('ora_', 'sk_live_')],
  ])('%s is no token', (_what, text) => {
    expect(isWellFormedApiToken(text)).toBe(false);
  });

  test('any text at all is answered, not thrown at', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(isWellFormedApiToken(text)).toBe(false);
      }),
    );
  });

  test('what is stored is the SHA-256 of the whole text', () => {
    const token = newApiToken('ora_');
    expect(tokenDigest(token).toString('hex')).toBe(createHash('sha256').update(token).digest('hex'));
  });
});

describe('randomText', () => {
  test('has the length and the letters that were asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60 }),
        fc.string({ unit: 'grapheme-ascii', minLength: 1 }),
        (length, alphabet) => {
          const text = randomText(length, alphabet);
          expect(text).toHaveLength(length);
          expect([...text].every((letter) => alphabet.includes(letter))).toBe(true);
        },
      ),
    );
  });
});
