import { randomBytes, randomUUID } from 'node:crypto';
import type { Origin } from '../../domain/caller.ts';
import { seal, unseal } from '../../kernel/seal.ts';
import { tokenDigest } from '../../kernel/token.ts';
import { idTokenPlace, insertSession, type StoredSession } from '../../store/sessions.ts';
import type { Session as Db } from '../../store/store.ts';
import type { Context } from '../context.ts';
import { signSession } from './session-token.ts';

/** Published: contract orchestrator, section 4.1. */
const BEARER_MS = 86_400_000;
const LONGEST_USER_AGENT = 300;

export interface SignedIn {
  readonly sessionId: string;
  readonly carrier: 'cookie' | 'bearer';
  /** What the browser or the program keeps, and shows with each request. Never stored here. */
  readonly secret: string;
  readonly expiresInSeconds: number;
}

export interface HowSignedIn {
  readonly carrier: 'cookie' | 'bearer';
  /** `password`, `device`, or `oidc:` and the provider's name. */
  readonly method: string;
  readonly origin: Origin;
  readonly idToken?: string;
}

/** Starts a session of a user, always with a new secret. Belongs into the transaction of the sign-in. */
export async function startSession(
  context: Context,
  db: Db,
  userId: number,
  { carrier, method, origin, idToken }: HowSignedIn,
): Promise<SignedIn> {
  const id = randomUUID();
  const lifetimeMs = carrier === 'cookie' ? context.sessions.lifetimeMs : BEARER_MS;
  const expiresAt = new Date(Date.now() + lifetimeMs);
  const cookie = randomBytes(32).toString('base64url');
  await insertSession(db, {
    id,
    userId,
    carrier,
    digest: carrier === 'cookie' ? tokenDigest(cookie) : null,
    method,
    address: origin.address,
    userAgent: origin.userAgent?.slice(0, LONGEST_USER_AGENT) ?? null,
    idToken: idToken === undefined ? null : seal(context.ring, idTokenPlace(id), idToken),
    expiresAt,
  });
  const secret = carrier === 'cookie' ? cookie : await signSession(context.jwtKey, { id, userId, expiresAt });
  return { sessionId: id, carrier, secret, expiresInSeconds: Math.floor(lifetimeMs / 1000) };
}

/** The provider's own token of this session, for the logout there. */
export function openIdToken(
  context: Context,
  session: Pick<StoredSession, 'id' | 'id_token'>,
): string | null {
  return session.id_token === null ? null : unseal(context.ring, idTokenPlace(session.id), session.id_token);
}
