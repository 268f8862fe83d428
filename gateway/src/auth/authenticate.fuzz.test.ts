import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RestFault } from '../fault.ts';
import { authenticator } from './authenticate.ts';
import { base, encode, hs256 } from './tokens.fixture.ts';

const authenticate = authenticator({ ...base, jwtRoleClaimKey: '.a[0].b' });

describe('whatever comes as a token', () => {
  it('without our signature it is nobody, or 401', async () => {
    const part = fc.oneof(fc.string(), fc.json().map(encode), fc.constant(encode({ alg: 'HS256' })));
    const anything = fc.oneof(
      fc.string(),
      fc.string().map((text) => `Bearer ${text}`),
      fc.array(part, { minLength: 2, maxLength: 5 }).map((parts) => `Bearer ${parts.join('.')}`),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (authorization) => {
        const result = await authenticate({ authorization }).catch((error: unknown) => error);
        if (result instanceof RestFault) {
          expect([result.status, result.code]).toEqual([401, 'PGRST301']);
        } else {
          expect(result).toEqual({ role: 'web_anon', claims: '{"role":"web_anon"}' });
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('with it, the claims are what was signed and the role that was found', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.stringMatching(/^[b-d]+$/), fc.jsonValue()),
        fc.string(),
        async (more, b) => {
          const claims = { ...more, a: [{ b }] };
          const identity = await authenticate({ authorization: `Bearer ${hs256(claims)}` });
          expect(identity.role).toBe(b);
          expect(JSON.parse(identity.claims)).toEqual({ ...JSON.parse(JSON.stringify(claims)), role: b });
        },
      ),
      { numRuns: 500 },
    );
  });
});
