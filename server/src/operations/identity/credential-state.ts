import type { Caller } from '../../domain/caller.ts';
import { type CredentialReference, listCredentials, type StoredCredential } from '../../store/credentials.ts';
import type { Session } from '../../store/store.ts';
import { callerOf } from './authenticate.ts';

/** Why a credential that was good is not any more. */
export type CredentialEnd = 'revoked' | 'expired' | 'disabled';

export type CredentialState =
  | { readonly ended: CredentialEnd }
  | {
      /** As the user is now. */
      readonly caller: Caller;
      readonly expiresAt: Date | null;
    };

/**
 * How credentials stand that were accepted before, one state for each, in one query. That a browser's session was
 * idle does not count: whoever asks holds something open.
 */
export async function lookAtCredentials(
  db: Session,
  references: readonly CredentialReference[],
): Promise<CredentialState[]> {
  const found = await listCredentials(db, references);
  return references.map((reference, index) => stateOf(reference, found[index], Date.now()));
}

function stateOf(
  { keyId, sessionId }: CredentialReference,
  stored: StoredCredential | undefined,
  nowMs: number,
): CredentialState {
  // Said first, because deactivation ends sessions too.
  if (!stored?.user.is_active) return { ended: 'disabled' };
  const { user, isKnown, revokedAt, expiresAt, scopes } = stored;
  if (!isKnown || revokedAt) return { ended: 'revoked' };
  if (expiresAt && expiresAt.getTime() <= nowMs) return { ended: 'expired' };
  return { caller: callerOf(user, { keyId, sessionId, scopes }), expiresAt };
}
