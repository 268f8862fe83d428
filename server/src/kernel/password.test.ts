import { describe, expect, test } from 'vitest';
import { hashPassword, verifyPassword } from './password.ts';

describe('passwords', () => {
  test('are kept as Argon2id with the parameters of OWASP, each with its own salt', async () => {
    const [one, other] = await Promise.all([hashPassword('swordfish'), hashPassword('swordfish')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
    expect(await verifyPassword(one, 'swordfish')).toBe(true);
    expect(await verifyPassword(other, 'swordfish')).toBe(true);
  });

  test('only the very same text matches', async () => {
    const stored = await hashPassword('sword fish é');
    for (const wrong of ['', 'sword fish', 'Sword fish é', 'sword fish é ', 'sword fish e\u0301']) {
      expect(await verifyPassword(stored, wrong)).toBe(false);
    }
  });

  test('where there is no hash nothing matches, not even what the stand-in was made from', async () => {
    expect(await verifyPassword(null, 'no password has this hash')).toBe(false);
    expect(await verifyPassword(null, '')).toBe(false);
  });
});
