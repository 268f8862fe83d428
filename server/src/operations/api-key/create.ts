import type { Caller } from '../../domain/caller.ts';
import { covers, type Scope } from '../../domain/scope.ts';
import { Fault } from '../../kernel/fault.ts';
import { newApiToken, tokenDigest } from '../../kernel/token.ts';
import { findApiKey, insertApiKey, type StoredApiKey } from '../../store/api-keys.ts';
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
 * Creates an API key or token for the caller. It works at once, on every surface. Faults: `api-key.scopes` when it
 * would be stronger than the key that asks for it, `api-key.outlives` when it would outlive that.
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
    const expiresAt = await expiryWithin(context, caller, input.expiresAt);
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
        expiresAt,
      });
      const target = { kind: 'api_key', id: String(inserted.id), name: input.name, rootId: null };
      await recordAudit(db, 'api-key.create', { caller, origin }, target, 'done');
      return inserted;
    });
    return { key, token };
  },
);

/** A key that is made by one that ends, ends with it at the latest. */
async function expiryWithin(context: Context, caller: Caller, wanted: Date | null): Promise<Date | null> {
  if (caller.keyId === null) return wanted;
  const parent = await findApiKey(context.store, caller.keyId);
  const end = parent?.expires_at ?? null;
  if (end === null || wanted === null) return wanted ?? end;
  if (wanted > end) throw new Fault('api-key.outlives', 'a key cannot make one that outlives it');
  return wanted;
}
