import { type Selectable, sql } from 'kysely';
import { CHANGES_CHANNEL } from './changes.ts';
import type { EventRow } from './schema.ts';
import type { Session } from './store.ts';

export type StoredEvent = Selectable<EventRow>;

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

export interface EventRange {
  readonly after: number;
  readonly upTo: number;
  readonly limit: number;
  /** Only those of this owner. */
  readonly ownerId?: number;
}

/** Oldest first. An id below those that are there may still appear: see `listEventWriters`. */
export function listEvents(db: Session, { after, upTo, limit, ownerId }: EventRange): Promise<StoredEvent[]> {
  return db
    .selectFrom('events')
    .selectAll()
    .where('id', '>', after)
    .where('id', '<=', upTo)
    .$if(ownerId !== undefined, (query) => query.where('owner_id', '=', ownerId as number))
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** The highest id that is there; 0 when there is none. */
export async function findLastEventId(db: Session): Promise<number> {
  const row = await db.selectFrom('events').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst();
  return row?.id ?? 0;
}

/**
 * The transactions under way that wrote an event or are about to. Ids are drawn before the commit, so any of
 * them may hold an id below one that is there already; none else can, because the lock on the table is taken
 * before an id is drawn, and let go after the commit shows. The rest of the cluster does not matter, as it would
 * to a horizon of snapshots.
 */
export async function listEventWriters(db: Session): Promise<string[]> {
  const { rows } = await sql<{ writer: string }>`
    select distinct virtualtransaction as writer from pg_locks
    where locktype = 'relation' and mode = 'RowExclusiveLock' and granted
      and database = (select oid from pg_database where datname = current_database())
      and relation = 'events'::regclass`.execute(db);
  return rows.map(({ writer }) => writer);
}
