/**
 * Databases made in advance: ordinary resources that belong to nobody. Giving one a name and an owner is all
 * that a creation then has to do.
 */
import { sql } from 'kysely';
import type { DatabaseSpec } from '../domain/database.ts';
import { insertEvent } from './events.ts';
import { insertResource, type StoredResource } from './resources.ts';
import type { Session, Store } from './store.ts';

export interface SpareUse {
  readonly ownerId: number | null;
  readonly name: string;
  readonly spec: DatabaseSpec;
  readonly awaitedBy: string | null;
}

/**
 * Turns a spare that a look found complete into what was asked for; `undefined` when there is none. A taken
 * name violates the unique index, as for a new row. If it cannot be made true, the spare goes.
 */
export async function takeSpare(db: Session, use: SpareUse): Promise<StoredResource | undefined> {
  const spec = JSON.stringify(use.spec);
  return db
    .updateTable('resources')
    .set((eb) => ({
      owner_id: use.ownerId,
      name: use.name,
      spec,
      status: null,
      // The next generation, so that a look at the spare that is under way cannot settle this.
      generation: eb('generation', '+', 1),
      fallback: JSON.stringify({ desired: 'absent', spec: use.spec }),
      awaited_by: use.awaitedBy,
      due_at: sql<Date>`now()`,
      created_at: sql<Date>`now()`,
      updated_at: sql<Date>`now()`,
    }))
    .where('id', '=', (eb) =>
      eb
        .selectFrom('resources')
        .select('id')
        .where('kind', '=', 'database')
        .where('owner_id', 'is', null)
        .where('desired', '=', 'active')
        .whereRef('observed_generation', '=', 'generation')
        .where(sql<boolean>`conditions @> '[{"status": "true"}]'`)
        .orderBy('created_at')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .executeTakeFirst();
}

/** Any number, the same in every replica: one of them counts at a time. */
const LOCK = 4_127_002;

/** Asks for as many spares as are missing; returns how many that were. */
export function keepSpares(
  store: Store,
  wanted: number,
  make: () => { readonly id: string; readonly name: string; readonly spec: DatabaseSpec },
): Promise<number> {
  return store.transaction().execute(async (db) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(db);
    const { count } = await db
      .selectFrom('resources')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('kind', '=', 'database')
      .where('owner_id', 'is', null)
      .where('desired', '=', 'active')
      .executeTakeFirstOrThrow();
    const missing = Math.max(0, wanted - count);
    for (let i = 0; i < missing; i++) {
      const spare = make();
      await insertResource(db, {
        ...spare,
        kind: 'database',
        rootId: spare.id,
        ownerId: null,
        awaitedBy: null,
      });
      await insertEvent(db, {
        name: 'database.spare',
        resourceId: spare.id,
        rootId: spare.id,
        ownerId: null,
        wakes: true,
      });
    }
    return missing;
  });
}
