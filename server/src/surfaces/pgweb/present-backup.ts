import type { BackupJob as WireJob } from '@backyard/contracts/pgweb';
import type { Static } from 'typebox';
import type { BackupJob } from '../../domain/backup.ts';

export function presentBackupJob(job: BackupJob): Static<typeof WireJob> {
  return {
    backup_job_id: job.id,
    database_id: job.databaseId,
    type: job.type,
    status: job.status,
    file_size: job.sizeBytes,
    ...(job.errorMessage !== null && { error_message: job.errorMessage }),
    created_at: job.createdAt.toISOString(),
    ...(job.completedAt && { completed_at: job.completedAt.toISOString() }),
  };
}
