import { expect, test } from 'vitest';
import { matchesScramVerifier } from '../../kernel/scram.ts';
import { newPassword } from './password.ts';

test('a new password has 32 characters of 64, and its verifier is all that others need', async () => {
  const passwords = await Promise.all(Array.from({ length: 50 }, () => newPassword()));
  for (const { plain } of passwords) expect(plain).toMatch(/^[A-Za-z0-9_-]{32}$/);
  expect(new Set(passwords.map(({ plain }) => plain)).size).toBe(50);
  expect(new Set(passwords.map(({ plain }) => plain).join('')).size).toBe(64);
  for (const { plain, verifier } of passwords.slice(0, 3)) {
    expect(verifier).not.toContain(plain);
    expect(await matchesScramVerifier(plain, verifier)).toBe(true);
    expect(await matchesScramVerifier(`${plain}x`, verifier)).toBe(false);
  }
});
