import type { Caller } from '../../domain/caller.ts';
import { Fault } from '../../kernel/fault.ts';
import { isWellFormedApiToken, tokenDigest } from '../../kernel/token.ts';
import { findApiKeyByDigest } from '../../store/api-keys.ts';
import { findUser, type StoredUser } from '../../store/users.ts';
import type { Context } from '../context.ts';
import { verifySession } from './sessions.ts';

/** Why a credential is refused; the two contracts that share a prefix have a text for each. */
export type Rejection =
  | 'missing'
  | 'invalid-session'
  | 'no-subject'
  | 'session-user-inactive'
  | 'invalid-api-token'
  | 'api-token-user-inactive';

function rejected(reason: Rejection): Fault {
  return new Fault('unauthenticated', 'no valid credential', { reason });
}

interface Found {
  readonly caller: Caller;
  readonly keyId: number | null;
  readonly expiresAt: Date | null;
}

/**
 * Finds the caller of an `Authorization` header: a session JWT, an API key or an API token. Faults with
 * `unauthenticated`; `details.reason` is a `Rejection`.
 */
export async function authenticate(context: Context, authorization: string | undefined): Promise<Caller> {
  const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (!token) throw rejected('missing');
  const digest = tokenDigest(token);
  const cacheKey = digest.toString('base64');
  const cached = context.credentials.find(cacheKey);
  if (cached) {
    if (cached.keyId !== null) context.keyUsage.note(cached.keyId);
    return cached;
  }
  const version = context.credentials.version;
  const found = /^(sk_live_|ora_)/.test(token)
    ? await findByApiToken(context, token, digest)
    : await findBySession(context, token);
  if (found.keyId !== null) context.keyUsage.note(found.keyId);
  context.credentials.remember(cacheKey, found.caller, version, found.expiresAt);
  return found.caller;
}

async function findByApiToken(context: Context, token: string, digest: Buffer): Promise<Found> {
  if (!isWellFormedApiToken(token)) throw rejected('invalid-api-token');
  const found = await findApiKeyByDigest(context.store, digest);
  if (!found || found.key.revoked_at) throw rejected('invalid-api-token');
  const expiresAt = found.key.expires_at;
  if (expiresAt && expiresAt.getTime() <= Date.now()) throw rejected('invalid-api-token');
  if (!found.user.is_active) throw rejected('api-token-user-inactive');
  return { caller: callerOf(found.user, found.key.id), keyId: found.key.id, expiresAt };
}

async function findBySession(context: Context, token: string): Promise<Found> {
  const claims = await verifySession(context.jwtKey, token);
  if (claims === 'invalid') throw rejected('invalid-session');
  if (claims === 'no-subject') throw rejected('no-subject');
  const user = await findUser(context.store, claims.userId);
  if (!user?.is_active) throw rejected('session-user-inactive');
  if (user.session_epoch !== claims.epoch) throw rejected('invalid-session');
  return { caller: callerOf(user, null), keyId: null, expiresAt: claims.expiresAt };
}

function callerOf(user: StoredUser, keyId: number | null): Caller {
  return {
    userId: user.id,
    userUuid: user.uuid,
    username: user.username,
    email: user.email,
    isAdmin: user.is_admin,
    rateLimitPerSecond: user.rate_limit_per_second,
    rateLimitBurst: user.rate_limit_burst,
    memberSince: user.created_at,
    keyId,
  };
}
