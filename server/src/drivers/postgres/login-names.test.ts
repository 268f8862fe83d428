import { expect, test } from 'vitest';
import { isReservedLogin, loginCandidates } from './login-names.ts';

const ID = '7c9e6679-7425-40de-944b-e07fc1f90ae7';

test('the name in use comes first, then the one asked for, then five that fit and never change', () => {
  const candidates = loginCandidates({ id: ID, username: 'shop', login: 'shop_abcde' });
  expect(candidates.slice(0, 2)).toEqual(['shop_abcde', 'shop']);
  expect(candidates).toHaveLength(7);
  for (const name of candidates.slice(2)) expect(name).toMatch(/^shop_[a-z0-9]{5}$/);
  expect(loginCandidates({ id: ID, username: 'shop', login: 'shop_abcde' })).toEqual(candidates);
  expect(new Set(candidates).size).toBe(candidates.length);
});

test('a long name is cut, so that the suffix fits into 63 characters', () => {
  const username = 'u'.repeat(63);
  const [first, ...others] = loginCandidates({ id: ID, username, login: null });
  expect(first).toBe(username);
  for (const name of others) expect(name).toMatch(/^u{57}_[a-z0-9]{5}$/);
});

test('two users of one name get different suffixes', () => {
  const other = loginCandidates({ id: ID.replace('7', '8'), username: 'shop', login: null }).slice(1);
  const own = loginCandidates({ id: ID, username: 'shop', login: null }).slice(1);
  expect(own.some((name) => other.includes(name))).toBe(false);
});

test.each([
  ['postgres', true],
  ['the_admin', true],
  ['authenticator', true],
  ['shop_authenticator', true],
  ['by_0123456789abcdef0123456789abcdef_write', true],
  ['by_0123456789abcdef0123456789abcdef_writer', false],
  ['by_short_write', false],
  ['anonymous', false],
  ['shop', false],
])('%s reserved: %s', (name, reserved) => {
  expect(isReservedLogin(name, 'the_admin')).toBe(reserved);
});
