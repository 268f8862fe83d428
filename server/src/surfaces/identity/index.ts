import { identity } from '@backyard/contracts/identity';
import { login } from '../../operations/identity/login.ts';
import { apiV1Answer, presentApiV1Problem } from '../kit/api-v1-problems.ts';
import type { PresentProblem } from '../kit/problem.ts';
import { defineSurface } from '../kit/surface.ts';
import { deviceImplementations } from './devices.ts';
import { presentLogin } from './present-login.ts';
import { presentField, sessionFaults } from './problems.ts';
import { sessionImplementations } from './sessions.ts';

const SIGN_INS: ReadonlySet<string> = new Set(['identity.login', 'session.create']);

/** Whatever is wrong with the body of a sign-in, the published answer is this one. */
const presentProblem: PresentProblem = (problem, route) => {
  const isBody =
    problem.kind === 'fields' || problem.kind === 'malformed-json' || problem.kind === 'media-type';
  if (isBody && SIGN_INS.has(route?.operation ?? '')) {
    return apiV1Answer(400, 'username and password are required');
  }
  if (problem.kind === 'fields' && problem.fields[0].field !== null) return presentField(problem.fields[0]);
  const words = problem.kind === 'fault' ? sessionFaults[problem.fault.code] : undefined;
  return words ? apiV1Answer(...words) : presentApiV1Problem(problem);
};

export const identitySurface = defineSurface(
  identity,
  {
    'identity.login': async ({ context, origin, body }) =>
      presentLogin(await login(context, origin, { ...body, carrier: 'bearer' })),

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

    ...sessionImplementations,
    ...deviceImplementations,
  },
  presentProblem,
);
