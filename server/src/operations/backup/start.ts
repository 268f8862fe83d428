/** What a backup and a restore have in common: when they may begin, and the row that is the job. */
import type { BackupJob, BackupType } from '../../domain/backup.ts';
import { CLUSTER_ID } from '../../domain/cluster.ts';
import { type Database, databasePhase } from '../../domain/database.ts';
import { Fault } from '../../kernel/fault.ts';
import { findJobUnderWay, insertBackupJob } from '../../store/backup-jobs.ts';
import { isUniqueViolation } from '../../store/postgres-error.ts';
import { findResource } from '../../store/resources.ts';
import type { Context } from '../context.ts';
import { lockDatabase } from '../database/find.ts';
import type { Invocation } from '../operation.ts';
import { assertProvisioning } from '../provisioning.ts';
import { recordAudit } from '../record.ts';

/**
 * Faults with `provisioning.not-configured`, `backup.unavailable` (what to install), `backup.not-active`, or
 * `backup.under-way` (details: the job).
 */
export async function assertCanStart(context: Context, database: Database, type: BackupType): Promise<void> {
  await assertProvisioning(context);
  const cluster = await findResource(context.store, 'cluster', CLUSTER_ID);
  const capability = (cluster?.status as { backups?: { reason?: string } } | null)?.backups;
  if (capability?.reason !== undefined) throw new Fault('backup.unavailable', capability.reason);
  assertActive(database, type);
  const job = await findJobUnderWay(context.store, database.id);
  if (job) throw underWay(job);
}

function assertActive(database: Database, type: BackupType): void {
  if (databasePhase(database) === 'active') return;
  throw new Fault('backup.not-active', 'the database is not active', { type });
}

function underWay(job: BackupJob): Fault {
  return new Fault('backup.under-way', 'a job is under way', { job });
}

/** Writes the job and the audit row; the worker finds it. */
export async function insertJob(
  context: Context,
  invocation: Invocation<unknown>,
  target: Database,
  job: { readonly id: string; readonly type: BackupType; readonly sizeBytes: number },
): Promise<BackupJob> {
  try {
    return await context.store.transaction().execute(async (db) => {
      const database = await lockDatabase(db, target.id);
      if (!database) throw new Fault('database.not-found', 'it was removed meanwhile');
      assertActive(database, job.type);
      const inserted = await insertBackupJob(db, { ...job, databaseId: database.id });
      const action = `${job.type}.create`;
      await recordAudit(db, action, invocation, database, 'accepted', { job: job.id });
      return inserted;
    });
  } catch (error) {
    const other = isUniqueViolation(error) ? await findJobUnderWay(context.store, target.id) : undefined;
    throw other ? underWay(other) : error;
  }
}
