import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { BackupJob } from '../../domain/backup.ts';
import { Fault } from '../../kernel/fault.ts';
import { findDatabase } from '../database/find.ts';
import { ownerOperation } from '../operation.ts';
import { assertCanStart, insertJob } from './start.ts';

/**
 * Receives a dump and starts its restore; the old content stays until the new one is complete. Faults:
 * `database.not-found`, `backup.empty`, `backup.too-large`, and those of `assertCanStart`.
 */
export const createRestore = ownerOperation({
  name: 'restore.create',
  needs: 'database:write',
  absent: 'database.not-found',
  find: (context, input: { databaseId: string; upload: Readable | undefined }) =>
    findDatabase(context, input.databaseId),
  async run(context, invocation, database): Promise<BackupJob> {
    await assertCanStart(context, database, 'restore');
    const { upload } = invocation.input;
    if (!upload) throw new Fault('backup.empty', 'nothing was uploaded');
    const id = randomUUID();
    const sizeBytes = await context.backupFiles.receive(id, upload, context.postgres.restoreMaxBytes);
    try {
      if (sizeBytes === 0) throw new Fault('backup.empty', 'nothing was uploaded');
      return await insertJob(context, invocation, database, { id, type: 'restore', sizeBytes });
    } catch (error) {
      await context.backupFiles.delete(id);
      throw error;
    }
  },
});
