import type { Caller } from '../domain/caller.ts';
import type { Resource } from '../domain/resource.ts';
import { insertAuditEntry } from '../store/audit.ts';
import { insertEvent } from '../store/events.ts';
import type { Session } from '../store/store.ts';
import type { Invocation } from './operation.ts';

/** How a caller proved who they are, for the audit log. */
export function credentialOf(caller: Caller): string {
  if (caller.keyId !== null) return `key:${caller.keyId}`;
  return caller.sessionId === null ? 'proxy' : `session:${caller.sessionId}`;
}

export interface AuditTarget {
  readonly kind: string;
  readonly id: string | null;
  readonly name: string | null;
  readonly rootId: string | null;
}

/** Writes who did what to what, and from where. Belongs into the transaction of the change itself. */
export function recordAudit(
  db: Session,
  action: string,
  { caller, origin }: Pick<Invocation<unknown>, 'caller' | 'origin'>,
  target: AuditTarget,
  outcome: 'accepted' | 'done',
  details: Record<string, unknown> = {},
): Promise<void> {
  return insertAuditEntry(db, {
    actorId: caller.userId,
    actor: caller.username,
    credential: credentialOf(caller),
    action,
    targetKind: target.kind,
    targetId: target.id,
    targetName: target.name,
    rootId: target.rootId,
    outcome,
    requestId: origin.requestId,
    address: origin.address,
    details,
  });
}

type Part = Pick<Resource, 'id' | 'kind' | 'rootId' | 'ownerId' | 'name'>;

/**
 * Writes what belongs to every accepted change of a resource, in the change's own transaction: the audit row,
 * the event, and the hint that wakes the reconciler.
 */
export async function recordChange(
  db: Session,
  action: string,
  invocation: Pick<Invocation<unknown>, 'caller' | 'origin'>,
  resource: Part,
  details: Record<string, unknown> = {},
): Promise<void> {
  await recordAudit(db, action, invocation, resource, 'accepted', details);
  await insertEvent(db, {
    name: action,
    resourceId: resource.id,
    rootId: resource.rootId,
    ownerId: resource.ownerId,
    payload: details,
    wakes: true,
  });
}
