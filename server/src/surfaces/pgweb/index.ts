import { pgweb } from '@backyard/contracts/pgweb';
import type { Caller } from '../../domain/caller.ts';
import type { Database } from '../../domain/database.ts';
import type { Context } from '../../operations/context.ts';
import { auditDatabase } from '../../operations/database/audit.ts';
import { createDatabase } from '../../operations/database/create.ts';
import { deleteDatabase } from '../../operations/database/delete.ts';
import { getDatabase } from '../../operations/database/get.ts';
import { listDatabases } from '../../operations/database/list.ts';
import { getOwner, listOwners } from '../../operations/database/owner.ts';
import { purgeDatabase } from '../../operations/database/purge.ts';
import { undeleteDatabase } from '../../operations/database/undelete.ts';
import { createPgUser } from '../../operations/pg-user/create.ts';
import { deletePgUser } from '../../operations/pg-user/delete.ts';
import { listPgUsers } from '../../operations/pg-user/list.ts';
import { rotatePgUserPassword } from '../../operations/pg-user/rotate-password.ts';
import { defineSurface } from '../kit/surface.ts';
import { backupImplementations } from './backups.ts';
import {
  presentAuditEntry,
  presentConnectionWithPassword,
  presentDatabase,
  presentPgUser,
} from './present.ts';
import { presentProblem } from './problems.ts';
import { signInImplementations } from './sign-in.ts';

async function present(context: Context, caller: Caller, database: Database) {
  return presentDatabase(database, await getOwner(context, caller, database.ownerId), context.postgres);
}

export const pgwebSurface = defineSurface(
  pgweb,
  {
    ...signInImplementations,

    'database.create': async ({ context, caller, origin, body }) => {
      const database = await createDatabase.invoke(context, { caller, origin, input: body });
      return { status: 201, body: await present(context, caller, database) };
    },

    'database.list': async ({ context, caller, origin, query }) => {
      const paged = query.limit !== undefined || query.offset !== undefined;
      const input = {
        scope: query.scope ?? 'own',
        limit: paged ? Number(query.limit ?? 500) : null,
        offset: Number(query.offset ?? 0),
      };
      const { databases, total } = await listDatabases.invoke(context, { caller, origin, input });
      const owners = await listOwners(
        context,
        caller,
        databases.map((database) => database.ownerId),
      );
      const body = databases.flatMap((database) => {
        const owner = owners.get(database.ownerId);
        return owner ? [presentDatabase(database, owner, context.postgres)] : [];
      });
      return { status: 200, body, ...(total !== null && { headers: { 'x-total-count': String(total) } }) };
    },

    'database.get': async ({ context, caller, origin, params }) => {
      const input = { databaseId: params.database_id };
      const database = await getDatabase.invoke(context, { caller, origin, input });
      return { status: 200, body: await present(context, caller, database) };
    },

    'database.delete': async ({ context, caller, origin, params }) => {
      const input = { databaseId: params.database_id };
      const { database, already } = await deleteDatabase.invoke(context, { caller, origin, input });
      const message = already ? 'Database already soft-deleted' : 'Database soft-deleted successfully';
      return { status: 200, body: { message, database: await present(context, caller, database) } };
    },

    'database.undelete': async ({ context, caller, origin, params }) => {
      const input = { databaseId: params.database_id };
      const database = await undeleteDatabase.invoke(context, { caller, origin, input });
      const message = 'Database restored successfully';
      return { status: 200, body: { message, database: await present(context, caller, database) } };
    },

    'database.purge': async ({ context, caller, origin, params, body }) => {
      const input = { databaseId: params.database_id, confirm: body.confirm };
      const database = await purgeDatabase.invoke(context, { caller, origin, input });
      const message = 'Database purge scheduled';
      return { status: 202, body: { message, database: await present(context, caller, database) } };
    },

    'database.usage': async ({ context, caller, origin, params }) => {
      const input = { databaseId: params.database_id };
      const { id, status, conditions } = await getDatabase.invoke(context, { caller, origin, input });
      return {
        status: 200,
        body: {
          database_id: id,
          size_bytes: status?.sizeBytes ?? 0,
          connections: status?.connections ?? 0,
          observed_at: status?.observedAt ?? conditions[0]?.at ?? null,
        },
      };
    },

    'database.audit': async ({ context, caller, origin, params }) => {
      const input = { databaseId: params.database_id };
      const entries = await auditDatabase.invoke(context, { caller, origin, input });
      return { status: 200, body: entries.map(presentAuditEntry) };
    },

    'pg-user.create': async ({ context, caller, origin, params, body }) => {
      const input = {
        databaseId: params.database_id,
        username: body.username,
        permissionLevel: body.permission_level,
      };
      const { database, user, password } = await createPgUser.invoke(context, { caller, origin, input });
      const connection = presentConnectionWithPassword(database, user, context.postgres, password);
      return {
        status: 201,
        body: { ...presentPgUser(database, user, context.postgres), connection, password },
        headers: { 'cache-control': 'no-store' },
      };
    },

    'pg-user.list': async ({ context, caller, origin, params }) => {
      const input = { databaseId: params.database_id };
      const { database, users } = await listPgUsers.invoke(context, { caller, origin, input });
      return { status: 200, body: users.map((user) => presentPgUser(database, user, context.postgres)) };
    },

    'pg-user.rotate-password': async ({ context, caller, origin, params, body }) => {
      const input = {
        databaseId: params.database_id,
        pgUserId: params.pg_user_id,
        terminateSessions: body.terminate_sessions ?? false,
      };
      const rotated = await rotatePgUserPassword.invoke(context, { caller, origin, input });
      const { database, user, password } = rotated;
      const connection = presentConnectionWithPassword(database, user, context.postgres, password);
      return {
        status: 200,
        body: { new_password: password, connection },
        headers: { 'cache-control': 'no-store' },
      };
    },

    'pg-user.delete': async ({ context, caller, origin, params }) => {
      const input = { databaseId: params.database_id, pgUserId: params.pg_user_id };
      await deletePgUser.invoke(context, { caller, origin, input });
      return { status: 204, body: null };
    },

    ...backupImplementations,
  },
  presentProblem,
  { remembered: ['database.list', 'database.get', 'pg-user.list'] },
);
