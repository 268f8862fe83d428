import { Type } from 'typebox';
import { SharedErrorBody } from '../identity/index.ts';
import { defineContract } from '../route.ts';
import { errors, Nullable, Timestamp } from '../scalars.ts';

export const Token = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  expires_at: Nullable(Timestamp),
  is_revoked: Type.Boolean(),
  last_used_at: Nullable(Timestamp),
  created_at: Timestamp,
  prefix: Type.String(),
});

export const CreatedToken = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  token: Type.String({ description: 'Shown once' }),
  expires_at: Nullable(Timestamp),
  created_at: Timestamp,
});

export const CreateTokenBody = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 100 }),
  expires_at: Type.Optional(Type.Union([Type.String(), Type.Number(), Type.Null()])),
});

const Component = Type.String({ description: 'healthy, unhealthy or not_configured' });

export const Readiness = Type.Object({
  status: Type.String({ description: 'ready or not_ready' }),
  database: Component,
  redis: Component,
});

export const orchestrator = defineContract({
  name: 'orchestrator',
  title: 'API tokens and health',
  prefixes: ['/health'],
  routes: [
    {
      operation: 'health.get',
      method: 'GET',
      path: '/health',
      access: 'anyone',
      summary: 'The process answers',
      responses: {
        200: Type.Object({
          status: Type.Literal('healthy'),
          service: Type.Literal('orchestrator-api'),
          version: Type.String(),
        }),
      },
    },
    {
      operation: 'health.ready',
      method: 'GET',
      path: '/health/ready',
      access: 'anyone',
      summary: 'What it depends on answers too',
      responses: { 200: Readiness, 503: Readiness },
    },
    {
      operation: 'api-token.create',
      method: 'POST',
      path: '/api/v1/auth/tokens',
      access: 'user',
      summary: 'Create an API token; it is shown once',
      body: CreateTokenBody,
      responses: { 200: CreatedToken, ...errors([401, 413, 422, 500], SharedErrorBody) },
    },
    {
      operation: 'api-token.list',
      method: 'GET',
      path: '/api/v1/auth/tokens',
      access: 'user',
      summary: 'List own API tokens and keys, newest first',
      responses: {
        200: Type.Object({ tokens: Type.Array(Token), total: Type.Integer() }),
        ...errors([401, 500], SharedErrorBody),
      },
    },
    {
      operation: 'api-token.revoke',
      method: 'DELETE',
      path: '/api/v1/auth/tokens/{token_id}',
      access: 'owner',
      summary: 'Revoke an API token at once',
      params: Type.Object({ token_id: Type.String() }),
      responses: {
        200: Type.Object({ status: Type.Literal('success'), message: Type.Literal('Token revoked') }),
        ...errors([401, 404, 422, 500], SharedErrorBody),
      },
    },
  ],
});
