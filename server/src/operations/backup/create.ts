import { randomUUID } from 'node:crypto';
import type { BackupJob } from '../../domain/backup.ts';
import { findDatabase } from '../database/find.ts';
import { ownerOperation } from '../operation.ts';
import { assertCanStart, insertJob } from './start.ts';

/** Starts a backup. Faults: `database.not-found`, and those of `assertCanStart`. */
export const createBackup = ownerOperation({
  name: 'backup.create',
  needs: 'database:write',
  absent: 'database.not-found',
  find: (context, input: { databaseId: string }) => findDatabase(context, input.databaseId),
  async run(context, invocation, database): Promise<BackupJob> {
    await assertCanStart(context, database, 'backup');
    return insertJob(context, invocation, database, { id: randomUUID(), type: 'backup', sizeBytes: 0 });
  },
});
