/** Bearer sessions: JWTs, HS256 only, that name their row in `jti`. */
import { jwtVerify, SignJWT } from 'jose';

export interface SessionClaims {
  readonly userId: number;
  readonly sessionId: string;
}

export interface SignedSession {
  readonly id: string;
  readonly userId: number;
  readonly expiresAt: Date;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function signSession(key: Uint8Array, session: SignedSession): Promise<string> {
  return new SignJWT({ type: 'session' })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(String(session.userId))
    .setJti(session.id)
    .setIssuedAt()
    .setExpirationTime(session.expiresAt)
    .sign(key);
}

/** The claims; `'invalid'` when it is no valid JWT of ours, `'no-subject'` when it names no user and session. */
export async function verifySession(
  key: Uint8Array,
  token: string,
): Promise<SessionClaims | 'invalid' | 'no-subject'> {
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'], requiredClaims: ['exp'] });
    if (!/^[1-9][0-9]{0,8}$/.test(payload.sub ?? '') || payload.type !== 'session') return 'no-subject';
    if (typeof payload.jti !== 'string' || !UUID.test(payload.jti)) return 'no-subject';
    return { userId: Number(payload.sub), sessionId: payload.jti };
  } catch {
    return 'invalid';
  }
}
