import { randomUUID } from 'node:crypto';
import { type Database, databasePhase } from '../../domain/database.ts';
import type { PermissionLevel, PgUser, PgUserSpec } from '../../domain/pg-user.ts';
import { parsePgUsername } from '../../domain/postgres-names.ts';
import { assertQuota } from '../../domain/quota.ts';
import { Fault, isFault } from '../../kernel/fault.ts';
import { isUniqueViolation } from '../../store/postgres-error.ts';
import { insertResource, listChildren, toResource } from '../../store/resources.ts';
import { insertSecret } from '../../store/secrets.ts';
import type { Context } from '../context.ts';
import { findDatabase, lockDatabase } from '../database/find.ts';
import { type Invocation, ownerOperation } from '../operation.ts';
import { assertProvisioning } from '../provisioning.ts';
import { recordChange } from '../record.ts';
import { waitUntilSettled, waitUntilUndone } from '../settlement.ts';
import { newPassword, type Password } from './password.ts';

const SETTLE_MS = 30_000;

export interface CreatePgUserInput {
  readonly databaseId: string;
  readonly username: string;
  readonly permissionLevel: PermissionLevel;
}

export interface PgUserWithPassword {
  readonly database: Database;
  readonly user: PgUser;
  /** Known to nobody else, and shown this once. */
  readonly password: string;
}

/**
 * Creates a login and answers when it can connect. Faults: `pg-user.database-not-found`,
 * `pg-user.name-invalid`, `database.not-active`, `pg-user.name-taken`, `quota.reached`,
 * `pg-user.provisioning-failed`.
 */
export const createPgUser = ownerOperation({
  name: 'pg-user.create',
  needs: 'database:write',
  absent: 'pg-user.database-not-found',
  find: (context, input: CreatePgUserInput) => {
    // The rules of the contract come before the lookup.
    if (!parsePgUsername(input.username))
      throw new Fault('pg-user.name-invalid', 'the name breaks the rules');
    return findDatabase(context, input.databaseId);
  },
  async run(context, invocation, database): Promise<PgUserWithPassword> {
    await assertProvisioning(context);
    const name = parsePgUsername(invocation.input.username) as string;
    const password = await newPassword();
    const id = await insert(context, invocation, database, name, password);
    context.failPoint('operation/pg-user.create/committed');
    return { database, user: await settle(context, id), password: password.plain };
  },
});

async function insert(
  context: Context,
  invocation: Invocation<CreatePgUserInput>,
  target: Database,
  name: string,
  password: Password,
): Promise<string> {
  const { postgres } = context;
  const spec: PgUserSpec = {
    permissionLevel: invocation.input.permissionLevel,
    connectionLimit: postgres.userConnectionLimit,
    statementTimeout: postgres.statementTimeout,
    idleTransactionTimeout: postgres.idleTransactionTimeout,
    passwordVersion: 1,
    sessionsEndedBefore: null,
  };
  const id = randomUUID();
  try {
    await context.store.transaction().execute(async (db) => {
      const database = await lockDatabase(db, target.id);
      if (!database) throw new Fault('pg-user.database-not-found', 'it was removed meanwhile');
      const phase = databasePhase(database);
      if (phase !== 'active') throw new Fault('database.not-active', 'the database is not active', { phase });
      const row = await insertResource(db, {
        id,
        kind: 'pg_user',
        rootId: database.id,
        ownerId: database.ownerId,
        name,
        spec,
        awaitedBy: context.instanceId,
      });
      const used = (await listChildren(db, database.id, 'pg_user')).length - 1;
      assertQuota('PostgreSQL user', invocation.caller, used, postgres.maxUsersPerDatabase);
      const place = { resourceId: id, field: 'verifier', version: 1 };
      await insertSecret(db, context.ring, place, password.verifier);
      await recordChange(db, 'pg-user.create', invocation, toResource(row));
    });
  } catch (error) {
    throw isUniqueViolation(error) ? new Fault('pg-user.name-taken', 'the name is taken', { name }) : error;
  }
  return id;
}

async function settle(context: Context, id: string): Promise<PgUser> {
  const change = { id, kind: 'pg_user', generation: 1 } as const;
  try {
    const row = await waitUntilSettled(context, change, SETTLE_MS);
    return toResource({ ...row, kind: 'pg_user' });
  } catch (error) {
    if (!isFault(error, 'settlement.failed')) throw error;
    await waitUntilUndone(context, change, SETTLE_MS).catch((undo) =>
      context.log.warn({ err: undo, user: id }, 'a failed creation is not undone yet'),
    );
    throw new Fault('pg-user.provisioning-failed', error.message, {}, error);
  }
}
