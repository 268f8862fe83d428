import { describe, expect, test } from 'vitest';
import { type Claims, identityOf, wantsUserInfo } from './claims.ts';

const noRules = { trustsEmail: false, adminGroups: null, allowedGroups: null };

function identity(claims: Claims, userInfo: Claims = {}, groupsClaim = 'groups') {
  const idToken = { text: 'a.b.c', issuer: 'https://id.example.com', subject: 'ada', claims };
  return identityOf(idToken, userInfo, groupsClaim);
}

describe('the word about an address', () => {
  const email = 'ada@example.com';
  test.each([
    [true, true],
    ['true', true],
    [false, false],
    ['false', false],
    [1, false],
    ['yes', false],
    [null, null],
    [undefined, null],
  ])('%j means %j', (email_verified, isEmailVerified) => {
    expect(identity({ email, email_verified })).toMatchObject({ email, isEmailVerified });
  });
});

describe('an address', () => {
  test.each([
    '',
    ' ',
    'ada',
    'ada@',
    'a@b@c',
    'a b@example.com',
    'ada\0@example.com',
    `${'a'.repeat(250)}@b.de`,
    7,
    null,
  ])('%j is none', (email) => {
    expect(identity({ email, email_verified: true }).email).toBeNull();
  });

  test('is taken without the space around it, and from one place with the word about it', () => {
    expect(identity({ email: ' ada@example.com ' }).email).toBe('ada@example.com');
    const userInfo = { email: 'ada@example.net', email_verified: true };
    expect(identity({ email: 'ada@example.com' }, userInfo)).toMatchObject({
      email: 'ada@example.com',
      isEmailVerified: null,
    });
    expect(identity({ email_verified: false }, userInfo)).toMatchObject({
      email: 'ada@example.net',
      isEmailVerified: true,
    });
  });
});

describe('groups', () => {
  test.each<[unknown, readonly string[] | null]>([
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [[], []],
    [['a', 7, null], ['a']],
    ['a', ['a']],
    ['', []],
    [undefined, null],
    [{ a: true }, null],
  ])('%j are %j', (groups, expected) => {
    expect(identity({ groups }).groups).toEqual(expected);
  });

  test('stand under the name that was configured, never under one that every object has', () => {
    expect(identity({ 'https://example.com/roles': ['a'] }, {}, 'https://example.com/roles').groups).toEqual([
      'a',
    ]);
    expect(identity({}, {}, 'constructor').groups).toBeNull();
  });

  test('of userinfo count when the ID token has none, not when it has an empty list', () => {
    expect(identity({}, { groups: ['a'] }).groups).toEqual(['a']);
    expect(identity({ groups: [] }, { groups: ['a'] }).groups).toEqual([]);
  });
});

describe('userinfo is wanted', () => {
  const email = 'ada@example.com';
  test.each([
    [{ email }, noRules, false],
    [{}, noRules, true],
    [{ email }, { ...noRules, adminGroups: [] }, true],
    [{ email }, { ...noRules, allowedGroups: ['a'] }, true],
    [{ email, groups: [] }, { ...noRules, allowedGroups: ['a'] }, false],
  ])('%#', (claims, rules, expected) => {
    expect(wantsUserInfo(claims, 'groups', rules)).toBe(expected);
  });
});
