import type { BackupJob } from '../../domain/backup.ts';
import { ownerOperation } from '../operation.ts';
import { findJobOfDatabase, type JobInput } from './find.ts';

/** Gets a backup or restore job. Faults: `database.not-found`, `backup.not-found`. */
export const getBackupJob = ownerOperation({
  name: 'backup.get',
  needs: 'database:read',
  absent: 'database.not-found',
  find: (context, input: JobInput, caller) => findJobOfDatabase(context, input, caller),
  run: async (_context, _invocation, { job }): Promise<BackupJob> => job,
});
