import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { exportJWK } from 'jose';
import { describe, expect, it } from 'vitest';
import { authenticator } from './authenticate.ts';
import { base, bearer, encode, faultOf, hs256, sign } from './tokens.fixture.ts';

describe('secrets', () => {
  it('plain text is an HS256 secret', async () => {
    const identity = await authenticator(base)(bearer(hs256({ role: 'web_user', sub: 7 })));
    expect(identity).toEqual({ role: 'web_user', claims: '{"role":"web_user","sub":7}' });
  });

  it('plain text signs nothing but HS256', async () => {
    const token = hs256({ role: 'web_user' }, { header: { alg: 'HS384' } });
    expect((await faultOf(authenticator(base)(bearer(token)))).details).toBe(
      'No suitable key was found to decode the JWT',
    );
  });

  it('base64, in both alphabets', async () => {
    const key = Buffer.concat([Buffer.from([0xfb, 0xff, 0xbf]), randomBytes(32)]);
    const token = hs256({ role: 'web_user' }, { key });
    for (const text of [key.toString('base64'), key.toString('base64url')]) {
      const authenticate = authenticator({ ...base, jwtSecret: { text, isBase64: true } });
      expect((await authenticate(bearer(token))).role).toBe('web_user');
    }
  });

  it('what is no base64 stops the start', () => {
    expect(() => authenticator({ ...base, jwtSecret: { text: '{"a":1}', isBase64: true } })).toThrow(
      /base64/,
    );
  });

  it('another secret is 401 PGRST301', async () => {
    const token = hs256({ role: 'web_user' }, { key: 'another secret of more than thirty-two characters' });
    expect(await faultOf(authenticator(base)(bearer(token)))).toMatchObject({
      code: 'PGRST301',
      message: 'No suitable key or wrong key type',
      details: 'None of the keys was able to decode the JWT',
    });
  });

  it('changed claims are 401 PGRST301', async () => {
    const [header, , signature] = hs256({ role: 'web_user' }).split('.');
    const forged = `${header}.${encode({ role: 'postgres' })}.${signature}`;
    expect((await faultOf(authenticator(base)(bearer(forged)))).code).toBe('PGRST301');
  });
});

describe('key sets', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed = generateKeyPairSync('ed25519');

  async function setOf(...keys: readonly (readonly [KeyObject, object])[]) {
    const jwks = await Promise.all(keys.map(async ([key, more]) => ({ ...(await exportJWK(key)), ...more })));
    return authenticator({ ...base, jwtSecret: { text: JSON.stringify({ keys: jwks }), isBase64: false } });
  }

  it.each([
    ['RS256', rsa],
    ['RS512', rsa],
    ['PS256', rsa],
    ['ES256', ec],
    ['EdDSA', ed],
  ])('%s by the key that fits', async (alg, pair) => {
    const authenticate = await setOf([rsa.publicKey, {}], [ec.publicKey, {}], [ed.publicKey, {}]);
    expect((await authenticate(bearer(await sign(alg, pair.privateKey)))).role).toBe('web_user');
  });

  it('one JWK, and one with its private half, verify as well', async () => {
    const token = await sign('RS256', rsa.privateKey);
    for (const key of [rsa.publicKey, rsa.privateKey]) {
      const text = JSON.stringify({ ...(await exportJWK(key)), key_ops: ['verify'] });
      const authenticate = authenticator({ ...base, jwtSecret: { text, isBase64: false } });
      expect((await authenticate(bearer(token))).role).toBe('web_user');
    }
  });

  it('a key id chooses its key, and no other', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const authenticate = await setOf([rsa.publicKey, { kid: 'one' }], [other.publicKey, { kid: 'two' }]);
    expect((await authenticate(bearer(await sign('RS256', other.privateKey, 'two')))).role).toBe('web_user');
    expect((await authenticate(bearer(await sign('RS256', other.privateKey)))).role).toBe('web_user');
    const wrong = await faultOf(authenticate(bearer(await sign('RS256', other.privateKey, 'one'))));
    expect(wrong.details).toBe('None of the keys was able to decode the JWT');
    const unknown = await faultOf(authenticate(bearer(await sign('RS256', other.privateKey, 'three'))));
    expect(unknown.details).toBe('No suitable key was found to decode the JWT');
  });

  it('alg and use of a key are kept', async () => {
    const authenticate = await setOf([rsa.publicKey, { alg: 'RS512' }], [ec.publicKey, { use: 'enc' }]);
    expect((await authenticate(bearer(await sign('RS512', rsa.privateKey)))).role).toBe('web_user');
    for (const token of [await sign('RS256', rsa.privateKey), await sign('ES256', ec.privateKey)]) {
      expect((await faultOf(authenticate(bearer(token)))).code).toBe('PGRST301');
    }
  });

  it('a public key is never an HMAC secret', async () => {
    const authenticate = await setOf([rsa.publicKey, {}]);
    const jwk = await exportJWK(rsa.publicKey);
    for (const key of [
      rsa.publicKey.export({ type: 'spki', format: 'pem' }),
      rsa.publicKey.export({ type: 'spki', format: 'der' }),
      JSON.stringify({ keys: [jwk] }),
    ]) {
      const fault = await faultOf(authenticate(bearer(hs256({ role: 'postgres' }, { key }))));
      expect(fault.details).toBe('No suitable key was found to decode the JWT');
    }
  });

  it('a malformed key stops the start', () => {
    for (const jwk of [{ kty: 'oct' }, { kty: 'RSA', n: 'x' }]) {
      const jwtSecret = { text: JSON.stringify(jwk), isBase64: false };
      expect(() => authenticator({ ...base, jwtSecret })).toThrow();
    }
  });
});
