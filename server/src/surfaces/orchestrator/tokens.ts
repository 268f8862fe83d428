import type { orchestrator } from '@backyard/contracts/orchestrator';
import { isScope, SCOPES, type Scope } from '../../domain/scope.ts';
import { Fault } from '../../kernel/fault.ts';
import { type CreatedApiKey, createApiKey } from '../../operations/api-key/create.ts';
import { listApiKeys } from '../../operations/api-key/list.ts';
import { revokeApiKey } from '../../operations/api-key/revoke.ts';
import type { Implementations } from '../kit/surface.ts';
import { checked, type Field, nullable, text, valueError } from './field.ts';
import { id, tokenNumber } from './id-field.ts';
import { readRequest } from './read-request.ts';
import { time } from './time-field.ts';

const name = checked(text({ min: 1, max: 100 }), (value) =>
  value.includes('\0') ? valueError('name must not contain a null character') : undefined,
);

const expiry = checked(time, (value) =>
  value.getTime() <= Date.now() ? valueError('expires_at must be in the future') : undefined,
);

const UNKNOWN_SCOPES = valueError(`scopes must be a list of known scopes: ${SCOPES.join(', ')}`);

/** An empty list is refused too: it could be meant as everything or as nothing. */
const scopes: Field<readonly Scope[]> = {
  parse: (given) => (isScopeList(given) ? { value: [...new Set(given)] } : { refusal: UNKNOWN_SCOPES }),
};

function isScopeList(given: unknown): given is readonly Scope[] {
  const isScopeText = (one: unknown) => typeof one === 'string' && isScope(one);
  return Array.isArray(given) && given.length > 0 && given.every(isScopeText);
}

const creation = { body: { name, expires_at: nullable(expiry), scopes: nullable(scopes) } };

type ApiKey = CreatedApiKey['key'];

export function presentToken(key: ApiKey) {
  return {
    id: key.id,
    name: key.name,
    expires_at: key.expires_at?.toISOString() ?? null,
    is_revoked: key.revoked_at !== null,
    last_used_at: key.last_used_at?.toISOString() ?? null,
    created_at: key.created_at.toISOString(),
    prefix: key.prefix,
    scopes: key.scopes,
  };
}

export function presentTokens(keys: readonly ApiKey[]) {
  return { tokens: keys.map(presentToken), total: keys.length };
}

export const TOKEN_REVOKED = { status: 200, body: { status: 'success', message: 'Token revoked' } };

type TokenOperation = 'api-token.create' | 'api-token.list' | 'api-token.revoke';

export const tokenImplementations: Pick<Implementations<typeof orchestrator>, TokenOperation> = {
  'api-token.create': async ({ context, caller, origin, raw }) => {
    const { body } = readRequest(raw, creation);
    const input = {
      door: 'token' as const,
      name: body.name,
      expiresAt: body.expires_at,
      scopes: body.scopes,
    };
    const { key, token } = await createApiKey.invoke(context, { caller, origin, input });
    const { id, name, expires_at, created_at, scopes } = presentToken(key);
    return {
      status: 200,
      body: { id, name, token, expires_at, created_at, scopes },
      headers: { 'cache-control': 'no-store' },
    };
  },

  'api-token.list': async ({ context, caller, origin }) => {
    const keys = await listApiKeys.invoke(context, { caller, origin, input: undefined });
    return { status: 200, body: presentTokens(keys) };
  },

  'api-token.revoke': async ({ context, caller, origin, raw }) => {
    const number = tokenNumber(readRequest(raw, { path: { token_id: id } }).path.token_id);
    if (number === null) throw new Fault('api-key.not-found', 'nothing has this id');
    await revokeApiKey.invoke(context, { caller, origin, input: { id: number } });
    return TOKEN_REVOKED;
  },
};
