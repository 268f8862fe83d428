import { type Selectable, sql } from 'kysely';
import type { BackupJob, BackupType } from '../domain/backup.ts';
import type { BackupJobRow } from './schema.ts';
import type { Session } from './store.ts';

const LEASE_MS = 30_000;

function toJob(row: Selectable<BackupJobRow>): BackupJob {
  return {
    id: row.id,
    databaseId: row.database_id,
    type: row.type,
    status: row.status,
    sizeBytes: row.file_size,
    errorMessage: row.error_message,
    createdAt: row.created_at,
    completedAt: row.completed_at,
  };
}

/** A job that is not begun yet. One under way for the same database violates a unique index. */
export async function insertBackupJob(
  db: Session,
  job: {
    readonly id: string;
    readonly databaseId: string;
    readonly type: BackupType;
    readonly sizeBytes: number;
  },
): Promise<BackupJob> {
  const row = await db
    .insertInto('backup_jobs')
    .values({ id: job.id, database_id: job.databaseId, type: job.type, file_size: job.sizeBytes })
    .returningAll()
    .executeTakeFirstOrThrow();
  return toJob(row);
}

export async function findBackupJob(
  db: Session,
  databaseId: string,
  id: string,
): Promise<BackupJob | undefined> {
  const row = await db
    .selectFrom('backup_jobs')
    .selectAll()
    .where('id', '=', id)
    .where('database_id', '=', databaseId)
    .executeTakeFirst();
  return row && toJob(row);
}

export async function findJobUnderWay(db: Session, databaseId: string): Promise<BackupJob | undefined> {
  const row = await db
    .selectFrom('backup_jobs')
    .selectAll()
    .where('database_id', '=', databaseId)
    .where('status', 'in', ['pending', 'in_progress'])
    .executeTakeFirst();
  return row && toJob(row);
}

/** Takes the oldest job that nobody has begun. */
export async function claimBackupJob(db: Session, holder: string): Promise<BackupJob | undefined> {
  const row = await db
    .updateTable('backup_jobs')
    .set({ status: 'in_progress', holder, lease_until: lease() })
    .where('id', '=', (eb) =>
      eb
        .selectFrom('backup_jobs')
        .select('id')
        .where('status', '=', 'pending')
        .orderBy('created_at')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .executeTakeFirst();
  return row && toJob(row);
}

function lease() {
  return sql<Date>`now() + ${LEASE_MS} * interval '1 millisecond'`;
}

export async function extendBackupJob(db: Session, id: string, holder: string): Promise<void> {
  await db
    .updateTable('backup_jobs')
    .set({ lease_until: lease() })
    .where('id', '=', id)
    .where('holder', '=', holder)
    .where('status', '=', 'in_progress')
    .execute();
}

export type BackupOutcome =
  | { readonly status: 'completed'; readonly sizeBytes: number }
  | { readonly status: 'failed'; readonly errorMessage: string };

/** Ends a job, once; false when somebody else did before. */
export async function endBackupJob(db: Session, id: string, outcome: BackupOutcome): Promise<boolean> {
  const result = await db
    .updateTable('backup_jobs')
    .set({
      status: outcome.status,
      ...(outcome.status === 'completed'
        ? { file_size: outcome.sizeBytes }
        : { error_message: outcome.errorMessage }),
      lease_until: null,
      completed_at: sql<Date>`now()`,
    })
    .where('id', '=', id)
    .where('status', '=', 'in_progress')
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Jobs whose worker is gone: those of an earlier run of this process, and those whose lease ran out. */
export async function listInterruptedJobs(db: Session, earlierRunOf: string | null): Promise<BackupJob[]> {
  const rows = await db
    .selectFrom('backup_jobs')
    .selectAll()
    .where('status', '=', 'in_progress')
    .where((eb) => eb.or([eb('lease_until', '<', sql<Date>`now()`), eb('holder', '=', earlierRunOf ?? '')]))
    .execute();
  return rows.map(toJob);
}

/** Which of these jobs still keep a file: completed backups younger than the retention, and all under way. */
export async function listKeptFiles(
  db: Session,
  ids: readonly string[],
  retentionDays: number,
): Promise<string[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{ id: string }>`
    select id from backup_jobs where id = any (${[...ids]}::uuid[])
      and (status in ('pending', 'in_progress')
        or type = 'backup' and status = 'completed'
           and completed_at > now() - ${retentionDays} * interval '1 day')`.execute(db);
  return rows.map((row) => row.id);
}
