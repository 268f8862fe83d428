/** Everybody's accounts, for administrators. Source: contract orchestrator, sections 2, 3 and 6. */
import { Type } from 'typebox';
import { SharedErrorBody } from '../identity/index.ts';
import type { Route } from '../route.ts';
import { errors } from '../scalars.ts';
import {
  CreateUserBody,
  TokenList,
  TokenRevoked,
  UpdateUserBody,
  User,
  UserList,
  UserParams,
  UserQuery,
} from './schemas.ts';

const PATH = '/api/v1/users';

export const userRoutes = [
  {
    operation: 'user.list',
    method: 'GET',
    path: PATH,
    access: 'admin',
    summary: 'List users, newest first',
    query: UserQuery,
    responses: { 200: UserList, ...errors([401, 403, 422, 429, 500], SharedErrorBody) },
  },
  {
    operation: 'user.create',
    method: 'POST',
    path: PATH,
    access: 'admin',
    summary: 'Create a user',
    body: CreateUserBody,
    responses: { 200: User, ...errors([401, 403, 413, 422, 429, 500], SharedErrorBody) },
  },
  {
    operation: 'user.get',
    method: 'GET',
    path: `${PATH}/{user_id}`,
    access: 'admin',
    summary: 'A user',
    params: UserParams,
    responses: { 200: User, ...errors([401, 403, 404, 422, 429, 500], SharedErrorBody) },
  },
  {
    operation: 'user.update',
    method: 'PATCH',
    path: `${PATH}/{user_id}`,
    access: 'admin',
    summary: 'Change a user; a new password ends their sessions',
    params: UserParams,
    body: UpdateUserBody,
    responses: { 200: User, ...errors([401, 403, 404, 413, 422, 429, 500], SharedErrorBody) },
  },
  {
    operation: 'user.deactivate',
    method: 'DELETE',
    path: `${PATH}/{user_id}`,
    access: 'admin',
    ignoresBody: true,
    summary: 'Deactivate a user at once; their things stay',
    params: UserParams,
    responses: {
      200: Type.Object({ status: Type.Literal('success'), message: Type.Literal('User deactivated') }),
      ...errors([401, 403, 404, 422, 429, 500], SharedErrorBody),
    },
  },
  {
    operation: 'user-token.list',
    method: 'GET',
    path: `${PATH}/{user_id}/tokens`,
    access: 'admin',
    summary: "List a user's API tokens and keys, newest first",
    params: UserParams,
    responses: { 200: TokenList, ...errors([401, 403, 404, 422, 429, 500], SharedErrorBody) },
  },
  {
    operation: 'user-token.revoke',
    method: 'DELETE',
    path: `${PATH}/{user_id}/tokens/{token_id}`,
    access: 'admin',
    ignoresBody: true,
    summary: "Revoke a user's API token at once",
    params: Type.Object({ ...UserParams.properties, token_id: Type.String() }),
    responses: { 200: TokenRevoked, ...errors([401, 403, 404, 422, 429, 500], SharedErrorBody) },
  },
] as const satisfies readonly Route[];
