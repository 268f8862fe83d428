import type { Caller } from '../../domain/caller.ts';
import { Fault } from '../../kernel/fault.ts';
import { isWellFormedApiToken, tokenDigest } from '../../kernel/token.ts';
import { findApiKeyByDigest } from '../../store/api-keys.ts';
import { findCookieSession, findSessionAndUser, type SessionAndUser } from '../../store/sessions.ts';
import type { StoredUser } from '../../store/users.ts';
import type { Context } from '../context.ts';
import { getProxyUser } from './proxy-user.ts';
import { verifySession } from './session-token.ts';

/** Why a credential is refused; the two contracts that share a prefix have a text for each. */
export type Rejection =
  | 'missing'
  | 'invalid-session'
  | 'no-subject'
  | 'session-user-inactive'
  | 'invalid-api-token'
  | 'api-token-user-inactive';

/** What a request shows of who sent it. */
export interface Presented {
  readonly authorization: string | undefined;
  /** From an authenticating proxy that is believed; never from anybody else. */
  readonly proxyEmail: string | undefined;
  readonly sessionCookie: string | undefined;
}

function rejected(reason: Rejection): Fault {
  return new Fault('unauthenticated', 'no valid credential', { reason });
}

interface Found {
  readonly caller: Caller;
  /** When the credential ends by itself. */
  readonly expiresAt: Date | null;
}

/**
 * Finds the caller. An `Authorization` header decides alone; then counts the proxy, which speaks for this very
 * request, then the cookie. Faults with `unauthenticated`; `details.reason` is a `Rejection`.
 */
export async function authenticate(context: Context, presented: Presented): Promise<Caller> {
  const { authorization, proxyEmail, sessionCookie } = presented;
  if (authorization !== undefined) {
    const token = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
    if (!token) throw rejected('missing');
    return remembered(context, tokenDigest(token).toString('base64'), () => findByBearer(context, token));
  }
  if (proxyEmail !== undefined) {
    return remembered(context, `proxy ${proxyEmail}`, () => findByProxy(context, proxyEmail));
  }
  if (sessionCookie === undefined) throw rejected('missing');
  const digest = tokenDigest(sessionCookie);
  return remembered(context, `cookie ${digest.toString('base64')}`, () => findByCookie(context, digest));
}

/** The same for a credential that is known from elsewhere, such as the ticket of a socket. */
export async function authenticateBearer(context: Context, token: string): Promise<Caller> {
  return authenticate(context, {
    authorization: `Bearer ${token}`,
    proxyEmail: undefined,
    sessionCookie: undefined,
  });
}

async function remembered(context: Context, cacheKey: string, find: () => Promise<Found>): Promise<Caller> {
  let caller = context.credentials.find(cacheKey);
  if (!caller) {
    const version = context.credentials.version;
    const found = await find();
    caller = found.caller;
    context.credentials.remember(cacheKey, caller, version, found.expiresAt);
  }
  context.usage.note(caller);
  return caller;
}

function findByBearer(context: Context, token: string): Promise<Found> {
  return /^(sk_live_|ora_)/.test(token) ? findByApiToken(context, token) : findByJwt(context, token);
}

async function findByApiToken(context: Context, token: string): Promise<Found> {
  if (!isWellFormedApiToken(token)) throw rejected('invalid-api-token');
  const found = await findApiKeyByDigest(context.store, tokenDigest(token));
  if (!found || found.key.revoked_at) throw rejected('invalid-api-token');
  const { key, user } = found;
  if (key.expires_at && key.expires_at.getTime() <= Date.now()) throw rejected('invalid-api-token');
  if (!user.is_active) throw rejected('api-token-user-inactive');
  return { caller: callerOf(user, { keyId: key.id, scopes: key.scopes }), expiresAt: key.expires_at };
}

async function findByJwt(context: Context, token: string): Promise<Found> {
  const claims = await verifySession(context.jwtKey, token);
  if (claims === 'invalid') throw rejected('invalid-session');
  if (claims === 'no-subject') throw rejected('no-subject');
  const found = await findSessionAndUser(context.store, claims.sessionId);
  if (found?.session.carrier !== 'bearer' || found.user.id !== claims.userId) {
    throw rejected('invalid-session');
  }
  return findByLiveSession(context, found);
}

async function findByCookie(context: Context, digest: Buffer): Promise<Found> {
  return findByLiveSession(context, await findCookieSession(context.store, digest));
}

function findByLiveSession(context: Context, found: SessionAndUser | undefined): Found {
  if (!found) throw rejected('invalid-session');
  const { session, user } = found;
  // Said before the session is looked at: a deactivated user is told so, although that ends sessions too.
  if (!user.is_active) throw rejected('session-user-inactive');
  const isCookie = session.carrier === 'cookie';
  const idleUntil = session.last_seen_at.getTime() + context.sessions.idleMs;
  const until = isCookie ? Math.min(session.expires_at.getTime(), idleUntil) : session.expires_at.getTime();
  if (session.revoked_at || until <= Date.now()) throw rejected('invalid-session');
  return {
    caller: callerOf(user, { sessionId: session.id, isAmbient: isCookie }),
    expiresAt: new Date(until),
  };
}

async function findByProxy(context: Context, email: string): Promise<Found> {
  const user = await getProxyUser(context, email);
  if (!user.is_active) throw rejected('session-user-inactive');
  return { caller: callerOf(user, { isAmbient: true }), expiresAt: null };
}

/** The caller as who a user acts, with the given credential. */
export function callerOf(
  user: StoredUser,
  credential: Partial<Pick<Caller, 'keyId' | 'sessionId' | 'isAmbient' | 'scopes'>>,
): Caller {
  return {
    userId: user.id,
    userUuid: user.uuid,
    username: user.username,
    email: user.email,
    isAdmin: user.is_admin,
    rateLimitPerSecond: user.rate_limit_per_second,
    rateLimitBurst: user.rate_limit_burst,
    memberSince: user.created_at,
    keyId: null,
    sessionId: null,
    isAmbient: false,
    scopes: null,
    ...credential,
  };
}
