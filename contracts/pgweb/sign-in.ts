/** Sign-in at an organisation's provider (OIDC): the browser is sent there, and comes back with a code. */
import { Type } from 'typebox';
import type { Route } from '../route.ts';
import { errors } from '../scalars.ts';
import * as s from './schemas.ts';

const BeginQuery = Type.Object({
  provider: Type.Optional(Type.String({ description: 'One of /api/v1/auth/providers; default: the first' })),
  return_to: Type.Optional(Type.String({ description: 'A local path; default /dashboard' })),
});

const begin = {
  path: '/auth/login',
  access: 'anyone',
  limit: 'redirect',
  tag: 'Sign-in',
  summary: 'Send the browser to the sign-in provider',
  query: BeginQuery,
  ignoresBody: true,
  responses: { 302: Type.Null(), ...errors([400, 429, 500, 503], s.ErrorBody) },
} as const;

export const signInRoutes = [
  { operation: 'sign-in.begin', method: 'POST', ...begin },
  { operation: 'sign-in.begin-by-link', method: 'GET', alsoAt: ['/auth/oidc/login'], ...begin },
  {
    operation: 'sign-in.complete',
    method: 'GET',
    path: '/auth/callback',
    alsoAt: ['/auth/oidc/callback'],
    access: 'anyone',
    tag: 'Sign-in',
    summary: 'Where the provider sends the browser back; starts the session',
    responses: { 302: Type.Null(), ...errors([400, 403, 500, 502], s.ErrorBody) },
  },
  {
    operation: 'identity.logout',
    method: 'POST',
    path: '/auth/logout',
    access: 'anyone',
    ignoresBody: true,
    tag: 'Sign-in',
    summary: 'End the session of the browser, here and at the provider',
    responses: { 302: Type.Null(), ...errors([500], s.ErrorBody) },
  },
  {
    operation: 'identity.me',
    method: 'GET',
    path: '/auth/me',
    alsoAt: ['/api/me'],
    access: 'user',
    tag: 'Sign-in',
    summary: 'The signed-in person',
    responses: { 200: s.Me, ...errors([401, 500], s.ErrorBody) },
  },
] as const satisfies readonly Route[];
