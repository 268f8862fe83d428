import type { Readable } from 'node:stream';
import { Fault } from '../../kernel/fault.ts';
import { ownerOperation } from '../operation.ts';
import { recordAudit } from '../record.ts';
import { findJobOfDatabase, type JobInput } from './find.ts';

export interface Download {
  readonly stream: Readable;
  readonly sizeBytes: number;
  readonly fileName: string;
}

/** Opens a finished backup. Faults: `database.not-found`, `backup.not-found`, `backup.not-completed`, `backup.expired`. */
export const downloadBackup = ownerOperation({
  name: 'backup.download',
  needs: 'database:read',
  absent: 'database.not-found',
  find: (context, input: Omit<JobInput, 'type'>, caller) =>
    findJobOfDatabase(context, { ...input, type: 'backup' }, caller),
  async run(context, invocation, { database, job }): Promise<Download> {
    if (job.status !== 'completed') {
      throw new Fault('backup.not-completed', 'the backup is not completed', { status: job.status });
    }
    const file = await context.backupFiles.open(job.id);
    if (!file) throw new Fault('backup.expired', 'the file is gone');
    await recordAudit(context.store, 'backup.download', invocation, database, 'done', { job: job.id });
    return { ...file, fileName: `${database.name}.dump` };
  },
});
