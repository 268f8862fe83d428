import { type Caller, maySee } from '../../domain/caller.ts';
import type { Database } from '../../domain/database.ts';
import { findVisible, lockResource, toResource } from '../../store/resources.ts';
import type { Session } from '../../store/store.ts';
import type { Context } from '../context.ts';

export async function findDatabase(context: Context, id: string): Promise<Database | undefined> {
  const row = await findVisible(context.store, 'database', id);
  // A spare belongs to nobody and is nobody's to see.
  return row && row.owner_id !== null ? toResource({ ...row, kind: 'database' }) : undefined;
}

/** The database when the caller may see it: what stands below it is looked up only then. */
export async function findDatabaseOf(
  context: Context,
  caller: Caller,
  id: string,
): Promise<Database | undefined> {
  const database = await findDatabase(context, id);
  return database && maySee(caller, database.ownerId) ? database : undefined;
}

/** The database with its row locked, for a check and a change in one transaction. */
export async function lockDatabase(db: Session, id: string): Promise<Database | undefined> {
  const row = await lockResource(db, id);
  return row?.kind === 'database' && row.owner_id !== null
    ? toResource({ ...row, kind: 'database' })
    : undefined;
}
