import { type Database, databasePhase } from '../../domain/database.ts';
import { assertQuota } from '../../domain/quota.ts';
import { Fault, isFault } from '../../kernel/fault.ts';
import { countByDesired, type StoredResource, toResource, updateSpec } from '../../store/resources.ts';
import type { Session } from '../../store/store.ts';
import { lockOwner } from '../../store/users.ts';
import type { Context } from '../context.ts';
import { type Invocation, ownerOperation } from '../operation.ts';
import { assertProvisioning } from '../provisioning.ts';
import { recordChange } from '../record.ts';
import { waitUntilSettled } from '../settlement.ts';
import { findDatabase, lockDatabase } from './find.ts';

const SETTLE_MS = 30_000;

/**
 * Opens a soft-deleted database again, with its users and their old passwords. Faults: `database.not-found`,
 * `database.not-deleted`, `quota.reached`, `database.undelete-failed`.
 */
export const undeleteDatabase = ownerOperation({
  name: 'database.undelete',
  needs: 'database:write',
  absent: 'database.not-found',
  find: (context, input: { databaseId: string }) => findDatabase(context, input.databaseId),
  async run(context, invocation, target): Promise<Database> {
    await assertProvisioning(context);
    const changed = await context.store
      .transaction()
      .execute((db) => restore(context, db, invocation, target.id));
    context.failPoint('operation/database.undelete/committed');
    try {
      const change = { id: changed.id, kind: 'database', generation: changed.generation } as const;
      const row = await waitUntilSettled(context, change, SETTLE_MS);
      return toResource({ ...row, kind: 'database' });
    } catch (error) {
      if (!isFault(error, 'settlement.failed')) throw error;
      throw new Fault('database.undelete-failed', error.message, {}, error);
    }
  },
});

async function restore(
  context: Context,
  db: Session,
  invocation: Invocation<unknown>,
  id: string,
): Promise<StoredResource> {
  const database = await lockDatabase(db, id);
  if (!database) throw new Fault('database.not-found', 'it was removed meanwhile');
  const phase = databasePhase(database);
  if (phase !== 'soft_deleted') throw new Fault('database.not-deleted', 'it is not deleted', { phase });
  const { caller } = invocation;
  if (database.ownerId !== null && !caller.isAdmin) {
    await lockOwner(db, database.ownerId);
    const counts = await countByDesired(db, 'database', database.ownerId);
    assertQuota('Database', caller, counts.active, context.postgres.maxDatabasesPerOwner);
  }
  const row = await updateSpec(db, id, {
    desired: 'active',
    spec: { ...database.spec, deletedAt: null, purgeAfter: null },
    fallback: null,
    awaitedBy: null,
  });
  await recordChange(db, 'database.undelete', invocation, toResource(row));
  return row;
}
