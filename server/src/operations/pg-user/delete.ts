import { Fault, isFault } from '../../kernel/fault.ts';
import { lockResource, toResource, updateSpec } from '../../store/resources.ts';
import { lockDatabase } from '../database/find.ts';
import { ownerOperation } from '../operation.ts';
import { assertProvisioning } from '../provisioning.ts';
import { recordChange } from '../record.ts';
import { waitUntilGone } from '../settlement.ts';
import { findUserOfDatabase, type PgUserInput } from './find.ts';

const SETTLE_MS = 30_000;

/**
 * Removes a login: its sessions end, what it made stays with the other write users. Faults:
 * `pg-user.not-found`, `pg-user.other-database`, `pg-user.delete-failed`.
 */
export const deletePgUser = ownerOperation({
  name: 'pg-user.delete',
  needs: 'database:write',
  absent: 'pg-user.not-found',
  find: (context, input: PgUserInput, caller) => findUserOfDatabase(context, input, caller),
  async run(context, invocation, target): Promise<void> {
    await assertProvisioning(context);
    const row = await context.store.transaction().execute(async (db) => {
      const database = await lockDatabase(db, target.database.id);
      const locked = await lockResource(db, target.user.id);
      if (!database || !locked || locked.desired === 'absent') {
        throw new Fault('pg-user.not-found', 'it was removed meanwhile');
      }
      const removed = await updateSpec(db, locked.id, {
        desired: 'absent',
        spec: locked.spec,
        fallback: null,
        awaitedBy: null,
      });
      await recordChange(db, 'pg-user.delete', invocation, toResource(removed));
      return removed;
    });
    context.failPoint('operation/pg-user.delete/committed');
    try {
      await waitUntilGone(context, { id: row.id, kind: 'pg_user', generation: row.generation }, SETTLE_MS);
    } catch (error) {
      if (!isFault(error, 'settlement.failed')) throw error;
      throw new Fault('pg-user.delete-failed', error.message, {}, error);
    }
  },
});
