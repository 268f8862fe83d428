import { identity } from '@backyard/contracts/identity';
import { login } from '../../operations/identity/login.ts';
import { apiV1Answer, presentApiV1Problem } from '../kit/api-v1-problems.ts';
import type { PresentProblem } from '../kit/problem.ts';
import { defineSurface } from '../kit/surface.ts';

/** Whatever is wrong with the body of a sign-in, the published answer is this one. */
const presentProblem: PresentProblem = (problem, route) => {
  const isBody =
    problem.kind === 'fields' || problem.kind === 'malformed-json' || problem.kind === 'media-type';
  if (isBody && route?.operation === 'identity.login') {
    return apiV1Answer(400, 'username and password are required');
  }
  return presentApiV1Problem(problem);
};

export const identitySurface = defineSurface(
  identity,
  {
    'identity.login': async ({ context, origin, body }) => {
      const session = await login(context, origin, body);
      return {
        status: 200,
        body: {
          token: session.token,
          access_token: session.token,
          token_type: 'bearer',
          expires_in: session.expiresInSeconds,
        },
        headers: { 'cache-control': 'no-store' },
      };
    },

    'identity.current-user': async ({ caller }) => {
      const email = caller.email ?? '';
      return {
        status: 200,
        body: {
          id: caller.userId,
          username: caller.username,
          email,
          is_admin: caller.isAdmin,
          // Nobody else gets this far.
          is_active: true,
          rate_limit_per_second: caller.rateLimitPerSecond,
          rate_limit_burst: caller.rateLimitBurst,
          created_at: caller.memberSince.toISOString(),
          authenticated: true,
          user: { id: String(caller.userId), email, username: caller.username },
        },
      };
    },
  },
  presentProblem,
);
