import { decodeJwt, SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { deriveKey } from '../../kernel/seal.ts';
import { signSession, verifySession } from './session-token.ts';

const key = deriveKey('a key of this test', 'jwt');

function forged(claims: Record<string, unknown>, options: { key?: Uint8Array; alg?: string } = {}) {
  const jwt = new SignJWT({ type: 'session', jti, ...claims }).setProtectedHeader({
    alg: options.alg ?? 'HS256',
  });
  return jwt.sign(options.key ?? key);
}

const jti = '0c7a3c1e-7a55-4d5e-9d0e-6f1d9f4b2a10';
const session = { id: jti, userId: 12, expiresAt: new Date(Date.now() + 60_000) };
const soon = Math.floor(Date.now() / 1000) + 60;

describe('session tokens', () => {
  test('carry the user and name the session', async () => {
    const claims = await verifySession(key, await signSession(key, session));
    expect(claims).toEqual({ userId: 12, sessionId: session.id });
  });

  test('have the published claims, and the id of the session', async () => {
    const payload = decodeJwt(await signSession(key, session));
    expect(payload).toEqual({
      sub: '12',
      type: 'session',
      jti: session.id,
      iat: expect.any(Number),
      exp: Math.floor(session.expiresAt.getTime() / 1000),
    });
  });

  test('are HS256 of our own key, unexpired and with an end; anything else is invalid', async () => {
    const ours = await signSession(key, session);
    const [header, payload, signature] = ours.split('.');
    const swapped = Buffer.from(JSON.stringify({ sub: '1', type: 'session', jti, exp: soon }));
    const cases = {
      'another key': await forged({ sub: '12', exp: soon }, { key: deriveKey('other', 'jwt') }),
      'another algorithm': await forged({ sub: '12', exp: soon }, { alg: 'HS512', key: Buffer.alloc(64) }),
      'HS384 with our key': await forged({ sub: '12', exp: soon }, { alg: 'HS384', key: Buffer.alloc(48) }),
      'no signature': new UnsecuredJWT({ sub: '12', type: 'session', jti, exp: soon }).encode(),
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
      { sub: '12', jti: undefined },
      { sub: '12', jti: '1' },
      { sub: '12', jti: `${jti}0` },
    ]) {
      expect(await verifySession(key, await forged({ exp: soon, ...claims }))).toBe('no-subject');
    }
  });
});
