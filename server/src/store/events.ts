import { sql } from 'kysely';
import { CHANGES_CHANNEL } from './changes.ts';
import type { Session } from './store.ts';

export interface NewEvent {
  readonly name: string;
  readonly resourceId: string;
  readonly rootId: string;
  readonly ownerId: number | null;
  readonly payload?: Record<string, unknown>;
  /** True when there is something to reconcile now. */
  readonly wakes?: boolean;
}

/** Writes an event and tells every process that the resource changed, both when the transaction commits. */
export async function insertEvent(db: Session, event: NewEvent): Promise<void> {
  const note = JSON.stringify({
    topic: 'resource',
    id: event.resourceId,
    rootId: event.rootId,
    ownerId: event.ownerId,
    wakes: event.wakes ?? false,
  });
  await sql`
    with written as (
      insert into events (name, resource_id, root_id, owner_id, payload)
      values (${event.name}, ${event.resourceId}, ${event.rootId}, ${event.ownerId},
              ${JSON.stringify(event.payload ?? {})})
      returning id)
    select pg_notify(${CHANGES_CHANNEL}, ${note}) from written`.execute(db);
}

/** The payload of the newest event of this name, for example why a creation was undone. */
export async function findLastEvent(
  db: Session,
  resourceId: string,
  name: string,
): Promise<Record<string, unknown> | undefined> {
  const row = await db
    .selectFrom('events')
    .select('payload')
    .where('resource_id', '=', resourceId)
    .where('name', '=', name)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.payload;
}
