import { Type } from 'typebox';
import { SharedErrorBody } from '../identity/index.ts';
import { defineContract } from '../route.ts';
import { errors, Nullable, Timestamp } from '../scalars.ts';

const Scopes = Nullable(
  Type.Array(Type.String(), { description: 'What it may be used for; null: everything that its user may' }),
);

export const Key = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  created_at: Timestamp,
  revoked_at: Nullable(Timestamp),
  prefix: Type.String(),
  expires_at: Nullable(Timestamp),
  last_used_at: Nullable(Timestamp),
  scopes: Scopes,
});

export const CreatedKey = Type.Object({
  id: Type.Integer(),
  name: Type.String(),
  key: Type.String({ description: 'Shown once' }),
  created_at: Timestamp,
  expires_at: Nullable(Timestamp),
  scopes: Scopes,
});

export const CreateKeyBody = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 255 }),
  expires_at: Type.Optional(Nullable(Type.String())),
  scopes: Type.Optional(Scopes),
});

export const supacontrol = defineContract({
  name: 'supacontrol',
  title: 'API keys',
  prefixes: ['/healthz'],
  routes: [
    {
      operation: 'health.live',
      method: 'GET',
      path: '/healthz',
      access: 'anyone',
      summary: 'The process answers',
      responses: { 200: Type.Object({ status: Type.Literal('ok') }) },
    },
    {
      operation: 'api-key.create',
      method: 'POST',
      path: '/api/v1/auth/api-keys',
      access: 'user',
      summary: 'Create an API key; it is shown once',
      body: CreateKeyBody,
      responses: { 201: CreatedKey, ...errors([400, 401, 403, 413, 415, 429, 500], SharedErrorBody) },
    },
    {
      operation: 'api-key.list',
      method: 'GET',
      path: '/api/v1/auth/api-keys',
      access: 'user',
      summary: 'List own API keys and tokens, newest first',
      responses: { 200: Type.Array(Key), ...errors([401, 403, 429, 500], SharedErrorBody) },
    },
    {
      operation: 'api-key.revoke',
      method: 'DELETE',
      path: '/api/v1/auth/api-keys/{id}',
      access: 'owner',
      ignoresBody: true,
      summary: 'Revoke an API key at once',
      params: Type.Object({ id: Type.String() }),
      responses: {
        200: Type.Object({ message: Type.Literal('API key revoked successfully') }),
        ...errors([401, 403, 404, 429, 500], SharedErrorBody),
      },
    },
  ],
});
