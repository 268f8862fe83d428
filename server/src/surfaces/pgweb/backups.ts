/** The backup routes of the pgweb contract. */
import type { pgweb } from '@backyard/contracts/pgweb';
import { createBackup } from '../../operations/backup/create.ts';
import { downloadBackup } from '../../operations/backup/download.ts';
import { getBackupJob } from '../../operations/backup/get.ts';
import { createRestore } from '../../operations/backup/restore.ts';
import type { Implementations } from '../kit/surface.ts';
import { presentBackupJob } from './present-backup.ts';

type BackupOperation = 'backup.create' | 'backup.get' | 'backup.download' | 'restore.create' | 'restore.get';

export const backupImplementations: Pick<Implementations<typeof pgweb>, BackupOperation> = {
  'backup.create': async ({ context, caller, origin, params }) => {
    const input = { databaseId: params.database_id };
    const job = await createBackup.invoke(context, { caller, origin, input });
    return { status: 202, body: presentBackupJob(job) };
  },

  'backup.get': async ({ context, caller, origin, params }) => {
    const input = { databaseId: params.database_id, jobId: params.job_id, type: 'backup' as const };
    const job = await getBackupJob.invoke(context, { caller, origin, input });
    return { status: 200, body: presentBackupJob(job) };
  },

  'backup.download': async ({ context, caller, origin, params }) => {
    const input = { databaseId: params.database_id, jobId: params.job_id };
    const { stream, sizeBytes, fileName } = await downloadBackup.invoke(context, { caller, origin, input });
    return {
      status: 200,
      body: stream,
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(sizeBytes),
        'content-disposition': `attachment; filename="${fileName}"`,
      },
    };
  },

  'restore.create': async ({ context, caller, origin, params, upload }) => {
    const input = { databaseId: params.database_id, upload };
    const job = await createRestore.invoke(context, { caller, origin, input });
    return { status: 202, body: presentBackupJob(job) };
  },

  'restore.get': async ({ context, caller, origin, params }) => {
    const input = { databaseId: params.database_id, jobId: params.job_id, type: 'restore' as const };
    const job = await getBackupJob.invoke(context, { caller, origin, input });
    return { status: 200, body: presentBackupJob(job) };
  },
};
