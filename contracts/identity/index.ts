/**
 * Sign-in and the signed-in person under `/api/v1`: two published contracts share these paths, and one
 * answer satisfies both. An error body carries `message` for the one and `detail` for the other.
 */
import { Type } from 'typebox';
import { defineContract } from '../route.ts';
import { errors, Timestamp } from '../scalars.ts';

export const LoginBody = Type.Object({
  username: Type.String({ minLength: 1 }),
  password: Type.String({ minLength: 1 }),
});

export const Login = Type.Object({
  token: Type.String(),
  access_token: Type.String(),
  token_type: Type.Literal('bearer'),
  expires_in: Type.Integer({ description: 'Seconds' }),
});

export const CurrentUser = Type.Object({
  id: Type.Integer(),
  username: Type.String(),
  email: Type.String(),
  is_admin: Type.Boolean(),
  is_active: Type.Boolean(),
  rate_limit_per_second: Type.Integer(),
  rate_limit_burst: Type.Integer(),
  created_at: Timestamp,
  authenticated: Type.Boolean(),
  user: Type.Object({ id: Type.String(), email: Type.String(), username: Type.String() }),
});

/** Every error under `/api/v1`; `detail` is a list where single fields are at fault. */
export const SharedErrorBody = Type.Object({ message: Type.String(), detail: Type.Unknown() });

export const identity = defineContract({
  name: 'identity',
  title: 'Sign-in',
  prefixes: ['/api/v1'],
  routes: [
    {
      operation: 'identity.login',
      method: 'POST',
      path: '/api/v1/auth/login',
      access: 'anyone',
      summary: 'Sign in with a password',
      body: LoginBody,
      responses: { 200: Login, ...errors([400, 401, 413, 429, 500], SharedErrorBody) },
    },
    {
      operation: 'identity.current-user',
      method: 'GET',
      path: '/api/v1/auth/me',
      access: 'user',
      summary: 'The signed-in person',
      responses: { 200: CurrentUser, ...errors([401, 500], SharedErrorBody) },
    },
  ],
});
