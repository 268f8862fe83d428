import { newApiToken, tokenDigest } from '../../kernel/token.ts';
import { insertApiKey, type StoredApiKey } from '../../store/api-keys.ts';
import { insertAuditEntry } from '../../store/audit.ts';
import type { Context } from '../context.ts';
import { type Invocation, userOperation } from '../operation.ts';
import { credentialOf } from '../record.ts';

/** Keys and tokens are one kind of record with two doors, told apart by their prefix. */
const PREFIXES = { key: 'sk_live_', token: 'ora_' } as const;
const SHOWN = 6;

export interface CreateApiKeyInput {
  readonly door: 'key' | 'token';
  readonly name: string;
  readonly expiresAt: Date | null;
}

export interface CreatedApiKey {
  readonly key: StoredApiKey;
  /** Shown this once; only its digest is stored. */
  readonly token: string;
}

/** Creates an API key or token for the caller. It works at once, on every surface. */
export const createApiKey = userOperation(
  'api-key.create',
  async (
    context: Context,
    { caller, origin, input }: Invocation<CreateApiKeyInput>,
  ): Promise<CreatedApiKey> => {
    const prefix = PREFIXES[input.door];
    const token = newApiToken(prefix);
    const key = await context.store.transaction().execute(async (db) => {
      const inserted = await insertApiKey(db, {
        userId: caller.userId,
        door: input.door,
        name: input.name,
        prefix: token.slice(0, prefix.length + SHOWN),
        digest: tokenDigest(token),
        expiresAt: input.expiresAt,
      });
      await insertAuditEntry(db, {
        actorId: caller.userId,
        actor: caller.username,
        credential: credentialOf(caller),
        action: 'api-key.create',
        targetKind: 'api_key',
        targetId: String(inserted.id),
        targetName: input.name,
        rootId: null,
        outcome: 'done',
        requestId: origin.requestId,
        address: origin.address,
      });
      return inserted;
    });
    return { key, token };
  },
);
