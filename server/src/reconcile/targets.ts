/** What the drivers of our kinds are told, read from the rows. */
import type { DatabaseTarget } from '../domain/database.ts';
import type { PgUserTarget } from '../domain/pg-user.ts';
import { everSettled } from '../domain/resource.ts';
import { Fault } from '../kernel/fault.ts';
import type { KeyRing } from '../kernel/seal.ts';
import { findResource, listChildren, type StoredResource, toResource } from '../store/resources.ts';
import { getSecret } from '../store/secrets.ts';
import type { Session } from '../store/store.ts';

export async function databaseTarget(row: StoredResource, db: Session): Promise<DatabaseTarget> {
  const database = toResource({ ...row, kind: 'database' });
  const users = (await listChildren(db, row.id, 'pg_user')).map((user) =>
    toResource({ ...user, kind: 'pg_user' }),
  );
  return {
    id: database.id,
    name: database.name,
    desired: database.desired,
    everSettled: everSettled(database),
    connectionLimit: database.spec.connectionLimit,
    extensions: database.spec.extensions,
    logins: users.flatMap((user) =>
      user.status ? [{ role: user.status.login, level: user.spec.permissionLevel }] : [],
    ),
  };
}

export function pgUserTarget(ring: KeyRing) {
  return async (row: StoredResource, db: Session): Promise<PgUserTarget> => {
    const user = toResource({ ...row, kind: 'pg_user' });
    const database = await findResource(db, 'database', user.rootId);
    if (!database) throw new Fault('pg-user.orphan', 'the database of this user is gone');
    return {
      id: user.id,
      username: user.name,
      // A user is never more open than its database.
      desired: user.desired === 'active' ? database.desired : user.desired,
      everSettled: everSettled(user),
      databaseId: database.id,
      databaseName: database.name,
      permissionLevel: user.spec.permissionLevel,
      login: user.status?.login ?? null,
      verifier: await getSecret(db, ring, {
        resourceId: user.id,
        field: 'verifier',
        version: user.spec.passwordVersion,
      }),
      connectionLimit: user.spec.connectionLimit,
      statementTimeout: user.spec.statementTimeout,
      idleTransactionTimeout: user.spec.idleTransactionTimeout,
      sessionsEndedBefore: user.spec.sessionsEndedBefore,
    };
  };
}
