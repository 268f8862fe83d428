/**
 * Sign-in and the signed-in person under `/api/v1`: two published contracts share the first two paths, and one
 * answer satisfies both; the rest is Backyard's own. An error body carries `message` and `detail`.
 */
import { defineContract } from '../route.ts';
import { errors } from '../scalars.ts';
import { deviceRoutes } from './devices.ts';
import { CurrentUser, Login, LoginBody, SharedErrorBody } from './schemas.ts';
import { sessionRoutes } from './sessions.ts';

export * from './schemas.ts';

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
      limit: 'login',
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
      responses: { 200: CurrentUser, ...errors([401, 429, 500], SharedErrorBody) },
    },
    ...sessionRoutes,
    ...deviceRoutes,
  ],
});
