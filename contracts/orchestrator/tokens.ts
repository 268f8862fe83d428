/** The caller's own API tokens. Source: contract orchestrator, section 2. */
import { Type } from 'typebox';
import { SharedErrorBody } from '../identity/index.ts';
import type { Route } from '../route.ts';
import { errors } from '../scalars.ts';
import { CreatedToken, CreateTokenBody, TokenList, TokenRevoked } from './schemas.ts';

export const tokenRoutes = [
  {
    operation: 'api-token.create',
    method: 'POST',
    path: '/api/v1/auth/tokens',
    access: 'user',
    summary: 'Create an API token; it is shown once',
    body: CreateTokenBody,
    responses: { 200: CreatedToken, ...errors([401, 403, 413, 422, 429, 500], SharedErrorBody) },
  },
  {
    operation: 'api-token.list',
    method: 'GET',
    path: '/api/v1/auth/tokens',
    access: 'user',
    summary: 'List own API tokens and keys, newest first',
    responses: { 200: TokenList, ...errors([401, 403, 429, 500], SharedErrorBody) },
  },
  {
    operation: 'api-token.revoke',
    method: 'DELETE',
    path: '/api/v1/auth/tokens/{token_id}',
    access: 'owner',
    ignoresBody: true,
    summary: 'Revoke an API token at once',
    params: Type.Object({ token_id: Type.String() }),
    responses: { 200: TokenRevoked, ...errors([401, 403, 404, 422, 429, 500], SharedErrorBody) },
  },
] as const satisfies readonly Route[];
