import type { Database } from '../../domain/database.ts';
import type { PgUser } from '../../domain/pg-user.ts';
import { listChildren, toResource } from '../../store/resources.ts';
import { findDatabase } from '../database/find.ts';
import { ownerOperation } from '../operation.ts';

export interface UsersOfDatabase {
  readonly database: Database;
  readonly users: readonly PgUser[];
}

/** Lists the logins of a database, newest first, also while it is soft-deleted. Fault: `pg-user.database-not-found`. */
export const listPgUsers = ownerOperation({
  name: 'pg-user.list',
  needs: 'database:read',
  absent: 'pg-user.database-not-found',
  find: (context, input: { databaseId: string }) => findDatabase(context, input.databaseId),
  async run(context, _invocation, database): Promise<UsersOfDatabase> {
    const rows = await listChildren(context.store, database.id, 'pg_user');
    return { database, users: rows.map((row) => toResource({ ...row, kind: 'pg_user' })) };
  },
});
