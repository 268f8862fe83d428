import type { Origin } from '../../domain/caller.ts';
import { insertAuditEntry } from '../../store/audit.ts';
import type { Session } from '../../store/store.ts';
import type { StoredUser } from '../../store/users.ts';

export interface AuditedSignIn {
  /** `undefined`: nobody of this name. What was typed may be a password in the wrong field, and is not kept. */
  readonly user: Pick<StoredUser, 'id' | 'username'> | undefined;
  /** `password`, `device`, or `oidc:` and the provider's name. */
  readonly method: string;
  readonly origin: Origin;
  readonly outcome: 'done' | 'failed';
}

/** Writes down that somebody signed in, or tried to. */
export function auditSignIn(db: Session, { user, method, origin, outcome }: AuditedSignIn): Promise<void> {
  return insertAuditEntry(db, {
    actorId: user?.id ?? null,
    actor: user?.username ?? 'unknown',
    credential: method,
    action: 'identity.login',
    targetKind: 'user',
    targetId: user ? String(user.id) : null,
    targetName: user?.username ?? null,
    rootId: null,
    outcome,
    requestId: origin.requestId,
    address: origin.address,
  });
}
