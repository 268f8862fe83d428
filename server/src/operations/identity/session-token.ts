/** Session tokens: JWTs of 24 hours, HS256 only, bound to the user's session epoch. */
import { jwtVerify, SignJWT } from 'jose';

export const SESSION_SECONDS = 86_400;

export interface SessionClaims {
  readonly userId: number;
  readonly epoch: number;
  readonly expiresAt: Date;
}

export function signSession(key: Uint8Array, user: { id: number; epoch: number }): Promise<string> {
  return new SignJWT({ type: 'session', epoch: user.epoch })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(String(user.id))
    .setIssuedAt()
    .setExpirationTime(`${SESSION_SECONDS}s`)
    .sign(key);
}

/** The claims; `'invalid'` when it is no valid JWT of ours, `'no-subject'` when it names no user. */
export async function verifySession(
  key: Uint8Array,
  token: string,
): Promise<SessionClaims | 'invalid' | 'no-subject'> {
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'], requiredClaims: ['exp'] });
    if (!/^[1-9][0-9]{0,8}$/.test(payload.sub ?? '') || payload.type !== 'session') return 'no-subject';
    if (typeof payload.epoch !== 'number') return 'no-subject';
    return {
      userId: Number(payload.sub),
      epoch: payload.epoch,
      expiresAt: new Date((payload.exp as number) * 1000),
    };
  } catch {
    return 'invalid';
  }
}
