import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { deriveKey } from '../../kernel/seal.ts';
import { SESSION_SECONDS, signSession, verifySession } from './sessions.ts';

const key = deriveKey('a key of this test', 'jwt');

function forged(claims: Record<string, unknown>, options: { key?: Uint8Array; alg?: string } = {}) {
  const jwt = new SignJWT({ type: 'session', epoch: 1, ...claims }).setProtectedHeader({
    alg: options.alg ?? 'HS256',
  });
  return jwt.sign(options.key ?? key);
}

const soon = Math.floor(Date.now() / 1000) + 60;

describe('session tokens', () => {
  test('carry the user and the epoch for 24 hours', async () => {
    const before = Date.now();
    const claims = await verifySession(key, await signSession(key, { id: 12, epoch: 3 }));
    expect(claims).toMatchObject({ userId: 12, epoch: 3 });
    const { expiresAt } = claims as Exclude<typeof claims, string>;
    expect(SESSION_SECONDS).toBe(24 * 60 * 60);
    expect(Math.abs(expiresAt.getTime() - before - SESSION_SECONDS * 1000)).toBeLessThan(5_000);
  });

  test('are HS256 of our own key, unexpired and with an end; anything else is invalid', async () => {
    const ours = await signSession(key, { id: 12, epoch: 3 });
    const [header, payload, signature] = ours.split('.');
    const swapped = Buffer.from(JSON.stringify({ sub: '1', type: 'session', epoch: 1, exp: soon }));
    const cases = {
      'another key': await forged({ sub: '12', exp: soon }, { key: deriveKey('other', 'jwt') }),
      'another algorithm': await forged({ sub: '12', exp: soon }, { alg: 'HS512', key: Buffer.alloc(64) }),
      'HS384 with our key': await forged({ sub: '12', exp: soon }, { alg: 'HS384', key: Buffer.alloc(48) }),
      'no signature': new UnsecuredJWT({ sub: '12', type: 'session', epoch: 1, exp: soon }).encode(),
      'no end': await forged({ sub: '12' }),
      expired: await forged({ sub: '12', exp: soon - 120 }),
      'another payload': `${header}.${swapped.toString('base64url')}.${signature}`,
      'cut off': `${header}.${payload}.`,
      'no token': 'swordfish',
      nothing: '',
    };
    for (const [what, token] of Object.entries(cases)) {
      expect(await verifySession(key, token), what).toBe('invalid');
    }
  });

  test('that name no user of ours are told apart from invalid ones', async () => {
    for (const claims of [
      {},
      { sub: '' },
      { sub: '0' },
      { sub: '-1' },
      { sub: '1.5' },
      { sub: '12abc' },
      { sub: '1e3' },
      { sub: '99999999999' },
      { sub: '12', type: 'login' },
      { sub: '12', type: undefined },
      { sub: '12', epoch: '1' },
    ]) {
      expect(await verifySession(key, await forged({ exp: soon, ...claims }))).toBe('no-subject');
    }
  });
});
