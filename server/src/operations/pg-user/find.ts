import { type Caller, maySee } from '../../domain/caller.ts';
import type { Database } from '../../domain/database.ts';
import type { PgUser } from '../../domain/pg-user.ts';
import { Fault } from '../../kernel/fault.ts';
import { findVisible, toResource } from '../../store/resources.ts';
import type { Context } from '../context.ts';
import { findDatabaseOf } from '../database/find.ts';

export interface UserOfDatabase {
  readonly ownerId: number | null;
  readonly database: Database;
  readonly user: PgUser;
}

export interface PgUserInput {
  readonly databaseId: string;
  readonly pgUserId: string;
}

/**
 * The database and the user of a path; `undefined` when either is absent. Both must be the caller's before
 * it is said that they do not belong together: `pg-user.other-database`.
 */
export async function findUserOfDatabase(
  context: Context,
  input: PgUserInput,
  caller: Caller,
): Promise<UserOfDatabase | undefined> {
  const database = await findDatabaseOf(context, caller, input.databaseId);
  if (!database) return undefined;
  const row = await findVisible(context.store, 'pg_user', input.pgUserId);
  if (!row || !maySee(caller, row.owner_id)) return undefined;
  if (row.root_id !== database.id) {
    throw new Fault('pg-user.other-database', 'the user belongs to another database');
  }
  return { ownerId: database.ownerId, database, user: toResource({ ...row, kind: 'pg_user' }) };
}
