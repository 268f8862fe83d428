import { covers, type Scope } from '../../domain/scope.ts';
import { Fault } from '../../kernel/fault.ts';
import { newApiToken, tokenDigest } from '../../kernel/token.ts';
import { insertApiKey, type StoredApiKey } from '../../store/api-keys.ts';
import type { Context } from '../context.ts';
import { type Invocation, userOperation } from '../operation.ts';
import { recordAudit } from '../record.ts';

/** Keys and tokens are one kind of record with two doors, told apart by their prefix. */
const PREFIXES = { key: 'sk_live_', token: 'ora_' } as const;
const SHOWN = 6;

export interface CreateApiKeyInput {
  readonly door: 'key' | 'token';
  readonly name: string;
  readonly expiresAt: Date | null;
  /** `null`: the same as the credential that asks, so everything for a session. */
  readonly scopes: readonly Scope[] | null;
}

export interface CreatedApiKey {
  readonly key: StoredApiKey;
  /** Shown this once; only its digest is stored. */
  readonly token: string;
}

/**
 * Creates an API key or token for the caller. It works at once, on every surface. Fault: `api-key.scopes` when it
 * would be stronger than the key that asks for it.
 */
export const createApiKey = userOperation(
  'api-key.create',
  'account:write',
  async (
    context: Context,
    { caller, origin, input }: Invocation<CreateApiKeyInput>,
  ): Promise<CreatedApiKey> => {
    const scopes = input.scopes ?? caller.scopes;
    if (!covers(caller.scopes, scopes)) {
      throw new Fault('api-key.scopes', 'a key cannot make a stronger one');
    }
    const prefix = PREFIXES[input.door];
    const token = newApiToken(prefix);
    const key = await context.store.transaction().execute(async (db) => {
      const inserted = await insertApiKey(db, {
        userId: caller.userId,
        door: input.door,
        name: input.name,
        prefix: token.slice(0, prefix.length + SHOWN),
        digest: tokenDigest(token),
        scopes,
        expiresAt: input.expiresAt,
      });
      const target = { kind: 'api_key', id: String(inserted.id), name: input.name, rootId: null };
      await recordAudit(db, 'api-key.create', { caller, origin }, target, 'done');
      return inserted;
    });
    return { key, token };
  },
);
