import { type Database, databasePhase } from '../../domain/database.ts';
import { Fault, isFault } from '../../kernel/fault.ts';
import { toResource, updateSpec } from '../../store/resources.ts';
import type { Session } from '../../store/store.ts';
import type { Context } from '../context.ts';
import { type Invocation, ownerOperation } from '../operation.ts';
import { assertProvisioning } from '../provisioning.ts';
import { recordChange } from '../record.ts';
import { waitUntilSettled } from '../settlement.ts';
import { findDatabase, lockDatabase } from './find.ts';

const SETTLE_MS = 30_000;
const DAY_MS = 86_400_000;

export interface DeletedDatabase {
  readonly database: Database;
  /** True when it was soft-deleted before; nothing was changed then. */
  readonly already: boolean;
}

/**
 * Closes a database: when this returns no session into it lives and none can be opened; the data stays until
 * the purge. Faults: `database.not-found`, `database.state`, `database.deleting`, `database.delete-failed`.
 */
export const deleteDatabase = ownerOperation({
  name: 'database.delete',
  needs: 'database:write',
  absent: 'database.not-found',
  find: (context, input: { databaseId: string }) => findDatabase(context, input.databaseId),
  async run(context, invocation, database): Promise<DeletedDatabase> {
    await assertProvisioning(context);
    const changed = await context.store
      .transaction()
      .execute((db) => suspend(context, db, invocation, database.id));
    if (!changed) return { database, already: true };
    context.failPoint('operation/database.delete/committed');
    try {
      const row = await waitUntilSettled(context, changed, SETTLE_MS);
      return { database: toResource({ ...row, kind: 'database' }), already: false };
    } catch (error) {
      if (!isFault(error, 'settlement.failed')) throw error;
      throw new Fault('database.delete-failed', error.message, {}, error);
    }
  },
});

async function suspend(
  context: Context,
  db: Session,
  invocation: Invocation<unknown>,
  id: string,
): Promise<{ id: string; kind: 'database'; generation: number } | undefined> {
  const database = await lockDatabase(db, id);
  if (!database) throw new Fault('database.not-found', 'it was removed meanwhile');
  const phase = databasePhase(database);
  if (phase === 'soft_deleted') return undefined;
  if (phase === 'deleting') throw new Fault('database.deleting', 'the deletion is under way');
  if (phase !== 'active') throw new Fault('database.state', 'it is not active', { phase });
  const now = Date.now();
  const row = await updateSpec(db, id, {
    desired: 'suspended',
    spec: {
      ...database.spec,
      deletedAt: new Date(now).toISOString(),
      purgeAfter: new Date(now + context.postgres.retentionDays * DAY_MS).toISOString(),
    },
    // Access is never reopened by a failure: this change only goes forward.
    fallback: null,
    awaitedBy: null,
  });
  await recordChange(db, 'database.delete', invocation, toResource(row));
  return { id, kind: 'database', generation: row.generation };
}
