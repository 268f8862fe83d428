import { type Database, databasePhase } from '../../domain/database.ts';
import { Fault } from '../../kernel/fault.ts';
import { toResource, updateSpec } from '../../store/resources.ts';
import { ownerOperation } from '../operation.ts';
import { assertProvisioning } from '../provisioning.ts';
import { recordChange } from '../record.ts';
import { findDatabase, lockDatabase } from './find.ts';

/**
 * Schedules the drop of a soft-deleted database at once; its name must be repeated. Faults:
 * `database.not-found`, `database.confirmation`, `database.not-deleted`.
 */
export const purgeDatabase = ownerOperation({
  name: 'database.purge',
  needs: 'database:write',
  absent: 'database.not-found',
  find: (context, input: { databaseId: string; confirm: string }) => findDatabase(context, input.databaseId),
  async run(context, invocation, target): Promise<Database> {
    await assertProvisioning(context);
    if (invocation.input.confirm !== target.name) {
      throw new Fault('database.confirmation', 'the name does not match');
    }
    const row = await context.store.transaction().execute(async (db) => {
      const database = await lockDatabase(db, target.id);
      if (!database) throw new Fault('database.not-found', 'it was removed meanwhile');
      const phase = databasePhase(database);
      if (phase !== 'soft_deleted') throw new Fault('database.not-deleted', 'it is not deleted', { phase });
      const purged = await updateSpec(db, target.id, {
        desired: 'absent',
        spec: { ...database.spec, purgeAfter: new Date().toISOString() },
        fallback: null,
        awaitedBy: null,
      });
      await recordChange(db, 'database.purge', invocation, toResource(purged));
      return purged;
    });
    context.failPoint('operation/database.purge/committed');
    return toResource({ ...row, kind: 'database' });
  },
});
