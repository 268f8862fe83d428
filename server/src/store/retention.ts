import { sql } from 'kysely';
import { insertSystemAudit } from './audit.ts';
import { insertEvent } from './events.ts';
import type { Store } from './store.ts';

interface Expired {
  readonly id: string;
  readonly root_id: string;
  readonly owner_id: number | null;
  readonly name: string;
}

/** Wants every database absent whose time after soft deletion is over; returns how many that were. */
export function purgeExpiredDatabases(store: Store): Promise<number> {
  return store.transaction().execute(async (db) => {
    const { rows } = await sql<Expired>`
      update resources
      set desired = 'absent', generation = generation + 1, attempts = 0, due_at = now(), updated_at = now()
      where kind = 'database' and desired = 'suspended' and observed_generation >= generation
        and (spec ->> 'purgeAfter')::timestamptz <= now()
      returning id, root_id, owner_id, name`.execute(db);
    for (const row of rows) {
      await insertSystemAudit(db, {
        action: 'database.purge',
        targetKind: 'database',
        targetId: row.id,
        targetName: row.name,
        rootId: row.root_id,
        outcome: 'accepted',
        details: { because: 'the time to undelete it is over' },
      });
      await insertEvent(db, {
        name: 'database.purge',
        resourceId: row.id,
        rootId: row.root_id,
        ownerId: row.owner_id,
        wakes: true,
      });
    }
    return rows.length;
  });
}

/** How long an ended session stays readable for whoever looks into an incident. */
const ENDED_SESSIONS = '7 days';

/** Removes sign-ins, device requests and tickets that are over, and sessions that ended a while ago. */
export async function purgeEndedSignIns(store: Store): Promise<void> {
  await sql`delete from sign_ins where expires_at < now()`.execute(store);
  await sql`delete from device_requests where expires_at < now()`.execute(store);
  await sql`delete from tickets where expires_at < now()`.execute(store);
  await sql`
    delete from sessions
    where least(expires_at, revoked_at) < now() - ${ENDED_SESSIONS}::interval`.execute(store);
}
