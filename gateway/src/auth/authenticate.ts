import type { TenantSettings } from '../config/settings.ts';
import { noSecretFault, tokenRequiredFault } from './auth-faults.ts';
import { checkAudience, checkTimes, parseTimes } from './check-claims.ts';
import { findClaim, parseClaimPath } from './claim-path.ts';
import type { Identity } from './identity.ts';
import { parseClaims, readToken } from './read-token.ts';
import { type KnownToken, TokenCache } from './token-cache.ts';
import { createSignatureCheck } from './verification-keys.ts';

export type Authenticate = (headers: Readonly<Record<string, string>>) => Promise<Identity>;

type AuthSettings = Pick<
  TenantSettings,
  'dbAnonRole' | 'jwtAud' | 'jwtCacheMaxEntries' | 'jwtRoleClaimKey' | 'jwtSecret'
>;

/**
 * Says who asks, by the bearer token of a request (lower-case header names) or its absence.
 * The function that it returns faults PGRST300 to PGRST303.
 * @param nowMs the clock, for tests.
 * @throws Error when the secret or the claim path of the settings cannot be read.
 */
export function authenticator(settings: AuthSettings, nowMs: () => number = Date.now): Authenticate {
  const path = parseClaimPath(settings.jwtRoleClaimKey);
  const checkSignature = settings.jwtSecret === null ? null : createSignatureCheck(settings.jwtSecret);
  const cache = new TokenCache(settings.jwtCacheMaxEntries);
  const anonymous = anonymousOf(settings.dbAnonRole);

  const verify = async (token: string): Promise<KnownToken> => {
    if (checkSignature === null) {
      throw noSecretFault();
    }
    const read = readToken(token);
    await checkSignature(token, read);
    const claims = parseClaims(read.payload);
    const times = parseTimes(claims);
    checkTimes(times, nowMs());
    checkAudience(claims.aud, settings.jwtAud);
    const role = roleOf(findClaim(claims, path)) ?? settings.dbAnonRole;
    if (role === null) {
      throw tokenRequiredFault();
    }
    return { identity: { role, claims: withRole(read.payload.toString(), claims, role) }, times };
  };

  return async (headers) => {
    const token = bearerToken(headers.authorization);
    if (token === null) {
      if (anonymous === null) {
        throw tokenRequiredFault();
      }
      return anonymous;
    }
    const known = cache.find(token);
    if (known === undefined) {
      const verified = await verify(token);
      cache.add(token, verified);
      return verified.identity;
    }
    recheck(known, token, cache, nowMs());
    return known.identity;
  };
}

function recheck({ times }: KnownToken, token: string, cache: TokenCache, now: number): void {
  try {
    checkTimes(times, now);
  } catch (error) {
    cache.delete(token);
    throw error;
  }
}

function anonymousOf(role: string | null): Identity | null {
  return role === null ? null : { role, claims: JSON.stringify({ role }) };
}

/** `null`: another scheme, or none; empty: the scheme without a token. */
function bearerToken(authorization: string | undefined): string | null {
  const match = /^bearer(?:\s+(.*))?$/is.exec(authorization?.trim() ?? '');
  return match === null ? null : (match[1] ?? '');
}

/** What is no text counts by its JSON, as in PostgREST: the role `123`. */
function roleOf(claim: unknown): string | null {
  if (claim === undefined) {
    return null;
  }
  return typeof claim === 'string' ? claim : JSON.stringify(claim);
}

/**
 * The claims as they came, with `role` as it was decided. The role goes last: Postgres takes the last of two equal
 * keys, and the rest stays as the issuer wrote it.
 */
function withRole(payload: string, claims: Readonly<Record<string, unknown>>, role: string): string {
  if (claims.role === role) {
    return payload;
  }
  const body = payload.trimEnd().slice(0, -1).trimEnd();
  const separator = body.trimStart() === '{' ? '' : ',';
  return `${body}${separator}"role":${JSON.stringify(role)}}`;
}
