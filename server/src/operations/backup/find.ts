import type { BackupJob, BackupType } from '../../domain/backup.ts';
import type { Caller } from '../../domain/caller.ts';
import type { Database } from '../../domain/database.ts';
import { Fault } from '../../kernel/fault.ts';
import { findBackupJob } from '../../store/backup-jobs.ts';
import type { Context } from '../context.ts';
import { findDatabaseOf } from '../database/find.ts';

export interface JobInput {
  readonly databaseId: string;
  readonly jobId: string;
  readonly type: BackupType;
}

export interface JobOfDatabase {
  readonly ownerId: number | null;
  readonly database: Database;
  readonly job: BackupJob;
}

/** `undefined` when the database is absent or foreign; `backup.not-found` when it has no such job. */
export async function findJobOfDatabase(
  context: Context,
  input: JobInput,
  caller: Caller,
): Promise<JobOfDatabase | undefined> {
  const database = await findDatabaseOf(context, caller, input.databaseId);
  if (!database) return undefined;
  const job = await findBackupJob(context.store, database.id, input.jobId);
  if (job?.type !== input.type) throw new Fault('backup.not-found', 'the database has no such job');
  return { ownerId: database.ownerId, database, job };
}
