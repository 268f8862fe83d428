import type { Caller } from '../domain/caller.ts';
import type { Resource } from '../domain/resource.ts';
import { insertAuditEntry } from '../store/audit.ts';
import { insertEvent } from '../store/events.ts';
import type { Session } from '../store/store.ts';
import type { Invocation } from './operation.ts';

/** How a caller proved who they are, for the audit log. */
export function credentialOf(caller: Caller): string {
  return caller.keyId === null ? 'session' : `key:${caller.keyId}`;
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
  const { caller, origin } = invocation;
  await insertAuditEntry(db, {
    actorId: caller.userId,
    actor: caller.username,
    credential: credentialOf(caller),
    action,
    targetKind: resource.kind,
    targetId: resource.id,
    targetName: resource.name,
    rootId: resource.rootId,
    outcome: 'accepted',
    requestId: origin.requestId,
    address: origin.address,
    details,
  });
  await insertEvent(db, {
    name: action,
    resourceId: resource.id,
    rootId: resource.rootId,
    ownerId: resource.ownerId,
    payload: details,
    wakes: true,
  });
}
