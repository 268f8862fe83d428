import type { SignedIn } from '../../operations/identity/start-session.ts';
import type { Answer } from '../kit/problem.ts';

/** The body that both published contracts of the sign-in are satisfied with. */
export function presentLogin(session: SignedIn): Answer {
  return {
    status: 200,
    body: {
      token: session.secret,
      access_token: session.secret,
      token_type: 'bearer',
      expires_in: session.expiresInSeconds,
    },
    headers: { 'cache-control': 'no-store' },
  };
}
