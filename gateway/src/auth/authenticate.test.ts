import { describe, expect, it } from 'vitest';
import { authenticator } from './authenticate.ts';
import { base, bearer, encode, faultOf, hs256 } from './tokens.fixture.ts';

describe('without a token', () => {
  it('the anonymous role asks, and SQL sees it in the claims', async () => {
    const identity = await authenticator(base)({});
    expect(identity).toEqual({ role: 'web_anon', claims: '{"role":"web_anon"}' });
  });

  it('another scheme is no token', async () => {
    expect((await authenticator(base)({ authorization: 'Basic YTpi' })).role).toBe('web_anon');
  });

  it('is 401 PGRST302 where there is no anonymous role', async () => {
    const fault = await faultOf(authenticator({ ...base, dbAnonRole: null })({}));
    expect(fault).toMatchObject({
      status: 401,
      code: 'PGRST302',
      message: 'Anonymous access is disabled',
      headers: { 'www-authenticate': 'Bearer' },
    });
  });
});

describe('a token that cannot be read', () => {
  it.each([
    ['Bearer', 'Empty JWT is sent in Authorization header', null],
    ['bearer ', 'Empty JWT is sent in Authorization header', null],
    ['Bearer abc', 'Expected 3 parts in JWT; got 1', null],
    ['Bearer a.b.c.d', 'Expected 3 parts in JWT; got 4', null],
    ['Bearer a.b.c', 'JWT cryptographic operation failed', null],
    [`Bearer ${encode({ alg: 1 })}.e30.x`, 'JWT cryptographic operation failed', null],
    [`Bearer ${encode({ alg: 'HS256' })}.e!.x`, 'JWT cryptographic operation failed', null],
    [
      `Bearer ${encode({ alg: 'none' })}.${encode({ role: 'postgres' })}.`,
      'Wrong or unsupported encoding algorithm',
      "JWT is unsecured but expected 'alg' was not 'none'",
    ],
    [
      `Bearer ${encode({ alg: 'XX999' })}.e30.x`,
      'No suitable key or wrong key type',
      'No suitable key was found to decode the JWT',
    ],
  ])('%s is 401 PGRST301', async (authorization, message, details) => {
    const fault = await faultOf(authenticator(base)({ authorization }));
    expect(fault).toMatchObject({ status: 401, code: 'PGRST301', message, details });
    expect(fault.headers['www-authenticate']).toBe(
      `Bearer error="invalid_token", error_description="${message}"`,
    );
  });

  it('is 500 PGRST300 where there is no secret', async () => {
    const authenticate = authenticator({ ...base, jwtSecret: null });
    expect(await faultOf(authenticate(bearer(hs256({}))))).toMatchObject({
      status: 500,
      code: 'PGRST300',
      message: 'Server lacks JWT secret',
    });
  });
});

describe('claims', () => {
  const now = 1_800_000_000;
  const clock = () => now * 1000;
  const at = (claims: object, settings: object = {}) =>
    authenticator({ ...base, ...settings }, clock)(bearer(hs256(claims)));

  it.each([
    [{ exp: now - 30 }],
    [{ nbf: now + 30 }],
    [{ iat: now + 30 }],
    [{ exp: null, nbf: null, iat: null, aud: null }],
    [{ aud: [] }],
    [{ aud: 'anyone' }],
  ])('%j holds', async (claims) => {
    expect((await at({ role: 'web_user', ...claims })).role).toBe('web_user');
  });

  it.each([
    [{ exp: now - 31 }, 'JWT expired'],
    [{ nbf: now + 31 }, 'JWT not yet valid'],
    [{ iat: now + 31 }, 'JWT issued at future'],
    [{ exp: 'soon' }, "The JWT 'exp' claim must be a number"],
    [{ nbf: [] }, "The JWT 'nbf' claim must be a number"],
    [{ iat: true }, "The JWT 'iat' claim must be a number"],
    [{ aud: 1 }, "The JWT 'aud' claim must be a string or an array of strings"],
    [{ aud: ['a', 1] }, "The JWT 'aud' claim must be a string or an array of strings"],
  ])('%j is 401 PGRST303: %s', async (claims, message) => {
    expect(await faultOf(at(claims))).toMatchObject({
      status: 401,
      code: 'PGRST303',
      message,
      headers: { 'www-authenticate': `Bearer error="invalid_token", error_description="${message}"` },
    });
  });

  it('a configured audience must be among those of the token, if it has any', async () => {
    const jwtAud = 'https://example.com/api';
    for (const aud of [jwtAud, ['x', jwtAud], undefined, null, []]) {
      expect((await at({ role: 'web_user', aud }, { jwtAud })).role).toBe('web_user');
    }
    for (const aud of ['x', ['x', 'y'], '']) {
      expect((await faultOf(at({ aud }, { jwtAud }))).message).toBe('JWT not in audience');
    }
  });

  it.each(['[]', '"role"', '{', 'null'])('the payload %s is 401 PGRST303', async (payload) => {
    const fault = await faultOf(authenticator(base)(bearer(hs256(payload))));
    expect(fault).toMatchObject({ code: 'PGRST303', message: 'Parsing claims failed' });
  });
});

describe('the role', () => {
  const asked = (claims: unknown, settings: object = {}) =>
    authenticator({ ...base, ...settings })(bearer(hs256(claims)));

  it('is the anonymous one when the token has none', async () => {
    expect(await asked({ sub: 'x' })).toEqual({ role: 'web_anon', claims: '{"sub":"x","role":"web_anon"}' });
    expect(await asked('{ }')).toEqual({ role: 'web_anon', claims: '{"role":"web_anon"}' });
  });

  it('is 401 PGRST302 when the token has none and nobody may be anonymous', async () => {
    expect((await faultOf(asked({ sub: 'x' }, { dbAnonRole: null }))).code).toBe('PGRST302');
  });

  it('stands where the settings say, and is put into the claims', async () => {
    const identity = await asked(
      { role: 'x', app: { roles: ['a', 'b'] } },
      { jwtRoleClaimKey: '.app.roles[1]' },
    );
    expect(identity.role).toBe('b');
    expect(JSON.parse(identity.claims)).toMatchObject({ role: 'b', app: { roles: ['a', 'b'] } });
  });

  it('is the JSON of what is no text', async () => {
    expect((await asked({ role: 12 })).role).toBe('12');
  });

  it('leaves large numbers as the issuer wrote them', async () => {
    expect((await asked('{"id":9007199254740993123}')).claims).toBe(
      '{"id":9007199254740993123,"role":"web_anon"}',
    );
  });

  it('may be any text: it is a parameter later', async () => {
    const role = `"; drop role x; --'`;
    expect((await asked({ role })).role).toBe(role);
  });
});

describe('the cache', () => {
  it('never outlives exp', async () => {
    let now = 1_800_000_000_000;
    const authenticate = authenticator(base, () => now);
    const headers = bearer(hs256({ role: 'web_user', exp: now / 1000 }));
    expect(await authenticate(headers)).toBe(await authenticate(headers));
    now += 31_000;
    expect((await faultOf(authenticate(headers))).message).toBe('JWT expired');
  });

  it('gives each token its own identity, however small it is', async () => {
    for (const jwtCacheMaxEntries of [0, 1, 2]) {
      const authenticate = authenticator({ ...base, jwtCacheMaxEntries });
      for (const role of ['a', 'b', 'c', 'a', 'c']) {
        expect((await authenticate(bearer(hs256({ role })))).role).toBe(role);
      }
    }
  });
});
