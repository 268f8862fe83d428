import { randomUUID } from 'node:crypto';
import type { Caller } from '../../domain/caller.ts';
import { type Database, isOurOwnName } from '../../domain/database.ts';
import { isTakenByPostgres, parseDatabaseName } from '../../domain/postgres-names.ts';
import { assertQuota } from '../../domain/quota.ts';
import { Fault, isFault } from '../../kernel/fault.ts';
import { isUniqueViolation } from '../../store/postgres-error.ts';
import {
  countByDesired,
  insertResource,
  type NewResource,
  type StoredResource,
  toResource,
} from '../../store/resources.ts';
import { takeSpare } from '../../store/spares.ts';
import type { Session } from '../../store/store.ts';
import { lockOwner } from '../../store/users.ts';
import type { Context } from '../context.ts';
import { type Invocation, userOperation } from '../operation.ts';
import { assertProvisioning } from '../provisioning.ts';
import { recordChange } from '../record.ts';
import { waitUntilSettled, waitUntilUndone } from '../settlement.ts';
import { databaseSpec } from './spec.ts';

/** The whole creation; pgweb contract, 4.3. */
const SETTLE_MS = 60_000;
/** After a failed creation: how long the answer waits for its undo. */
const UNDO_MS = 30_000;

/**
 * Creates a database and answers when it can be used. Faults: `database.name-invalid`, `database.name-taken`,
 * `quota.reached`, `provisioning.not-configured`, `database.provisioning-failed`.
 */
export const createDatabase = userOperation(
  'database.create',
  'database:write',
  async (context: Context, invocation: Invocation<{ name: string }>): Promise<Database> => {
    const name = parseDatabaseName(invocation.input.name);
    if (!name) throw new Fault('database.name-invalid', 'the name breaks the rules');
    await assertProvisioning(context);
    if (isTakenByPostgres(name) || isOurOwnName(name)) throw nameTaken(name);
    const row = await insert(context, invocation, name);
    context.failPoint('operation/database.create/committed');
    return settle(context, row, name);
  },
);

/** A spare becomes the database where there is one; otherwise a row for a new one is made. */
async function insert(
  context: Context,
  invocation: Invocation<unknown>,
  name: string,
): Promise<StoredResource> {
  const { caller } = invocation;
  const { postgres } = context;
  const wanted = {
    ownerId: caller.userId,
    name,
    spec: databaseSpec(postgres),
    awaitedBy: context.instanceId,
  };
  try {
    return await context.store.transaction().execute(async (db) => {
      const row = (await takeSpare(db, wanted)) ?? (await insertDatabase(db, wanted));
      await assertDatabaseQuota(db, caller, postgres.maxDatabasesPerOwner);
      await recordChange(db, 'database.create', invocation, toResource(row));
      return row;
    });
  } catch (error) {
    throw isUniqueViolation(error) ? nameTaken(name) : error;
  }
}

function insertDatabase(
  db: Session,
  wanted: Omit<NewResource, 'id' | 'rootId' | 'kind'>,
): Promise<StoredResource> {
  const id = randomUUID();
  return insertResource(db, { ...wanted, id, rootId: id, kind: 'database' });
}

/** Counts with the owner's row locked and after the insert, so that parallel creations cannot pass together. */
async function assertDatabaseQuota(db: Session, caller: Caller, limit: number): Promise<void> {
  if (limit === 0 || caller.isAdmin) return;
  await lockOwner(db, caller.userId);
  const counts = await countByDesired(db, 'database', caller.userId);
  assertQuota('Database', caller, counts.active - 1, limit);
  // Soft-deleted ones do not count, but they take room too: at most as many again.
  assertQuota('Database', caller, counts.suspended, limit);
}

async function settle(context: Context, created: StoredResource, name: string): Promise<Database> {
  const change = { id: created.id, kind: 'database', generation: created.generation } as const;
  try {
    const row = await waitUntilSettled(context, change, SETTLE_MS);
    return toResource({ ...row, kind: 'database' });
  } catch (error) {
    if (!isFault(error, 'settlement.failed')) throw error;
    await waitUntilUndone(context, change, UNDO_MS).catch((undo) =>
      context.log.warn({ err: undo, database: created.id }, 'a failed creation is not undone yet'),
    );
    if (error.details.reason === 'database.name-taken') throw nameTaken(name);
    throw new Fault('database.provisioning-failed', error.message, {}, error);
  }
}

function nameTaken(name: string): Fault {
  return new Fault('database.name-taken', `the name ${name} is taken`, { name });
}
