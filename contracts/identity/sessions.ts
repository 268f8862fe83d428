/** Sessions, providers and the own password: Backyard's own routes. */
import { Type } from 'typebox';
import type { Route } from '../route.ts';
import { errors } from '../scalars.ts';
import {
  ChangePasswordBody,
  Done,
  LoginBody,
  PasswordChanged,
  Provider,
  SessionList,
  SharedErrorBody,
  StartedSession,
} from './schemas.ts';

const Page = Type.Object({
  limit: Type.Optional(Type.String({ pattern: '^([1-9][0-9]?|100)$', description: '1 to 100, default 50' })),
  offset: Type.Optional(Type.String({ pattern: '^[0-9]{1,9}$', description: 'default 0' })),
});

export const sessionRoutes = [
  {
    operation: 'provider.list',
    method: 'GET',
    path: '/api/v1/auth/providers',
    access: 'anyone',
    summary: 'Where else one can sign in, and whether it can be reached',
    responses: {
      200: Type.Object({ providers: Type.Array(Provider) }),
      ...errors([500], SharedErrorBody),
    },
  },
  {
    operation: 'session.create',
    method: 'POST',
    path: '/api/v1/auth/sessions',
    access: 'anyone',
    limit: 'login',
    summary: 'Sign a browser in with a password; answers with a cookie',
    body: LoginBody,
    responses: { 201: StartedSession, ...errors([400, 401, 403, 413, 415, 429, 500], SharedErrorBody) },
  },
  {
    operation: 'session.list',
    method: 'GET',
    path: '/api/v1/auth/sessions',
    access: 'user',
    summary: 'Where the caller is signed in, newest first',
    query: Page,
    responses: { 200: SessionList, ...errors([400, 401, 403, 429, 500], SharedErrorBody) },
  },
  {
    operation: 'session.revoke-others',
    method: 'DELETE',
    path: '/api/v1/auth/sessions',
    access: 'user',
    summary: 'End every session but the one that asks',
    responses: {
      200: Type.Object({ status: Type.Literal('success'), message: Type.String(), revoked: Type.Integer() }),
      ...errors([401, 403, 429, 500], SharedErrorBody),
    },
  },
  {
    operation: 'session.revoke-current',
    method: 'DELETE',
    path: '/api/v1/auth/sessions/current',
    access: 'user',
    summary: 'End the session that asks: sign out',
    responses: { 200: Done, ...errors([400, 401, 403, 404, 429, 500], SharedErrorBody) },
  },
  {
    operation: 'session.revoke',
    method: 'DELETE',
    path: '/api/v1/auth/sessions/{session_id}',
    access: 'owner',
    summary: 'End a session at once',
    params: Type.Object({ session_id: Type.String() }),
    responses: { 200: Done, ...errors([401, 403, 404, 429, 500], SharedErrorBody) },
  },
  {
    operation: 'identity.change-password',
    method: 'POST',
    path: '/api/v1/auth/password',
    access: 'user',
    limit: 'login',
    summary: 'Change the own password; ends all sessions and answers with a new one',
    body: ChangePasswordBody,
    responses: { 200: PasswordChanged, ...errors([400, 401, 403, 409, 413, 415, 429, 500], SharedErrorBody) },
  },
] as const satisfies readonly Route[];
