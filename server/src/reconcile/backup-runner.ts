/**
 * Carries out backup jobs, one at a time in each process. The rows decide: whoever begins a job holds it by a
 * lease, and a job whose worker is gone has failed, so that none stays under way for ever.
 */
import type { BackupJob, DatabaseBackup } from '../domain/backup.ts';
import type { Database } from '../domain/database.ts';
import { Fault } from '../kernel/fault.ts';
import type { Log } from '../kernel/log.ts';
import { insertSystemAudit } from '../store/audit.ts';
import {
  type BackupOutcome,
  claimBackupJob,
  endBackupJob,
  extendBackupJob,
  listInterruptedJobs,
  listKeptFiles,
} from '../store/backup-jobs.ts';
import { findResource, toResource, updateSpec } from '../store/resources.ts';
import type { Store } from '../store/store.ts';
import { claimRoot, LEASE_MS, type Lease, releaseLease } from '../store/work.ts';
import { startClock } from './clock.ts';
import { holdLease } from './hold-lease.ts';
import { databaseTarget } from './targets.ts';

const LOOK_MS = 1_000;
const TIDY_MS = 600_000;
const JOB_MS = 4 * 3_600_000;
/** How long the swap waits for the reconciler to let go of the database, and then for its next look. */
const PATIENCE_MS = 60_000;
const POLL_MS = 100;

export interface BackupRunnerParts {
  readonly store: Store;
  readonly backup: DatabaseBackup;
  readonly files: {
    pathOf(jobId: string): string;
    delete(jobId: string): Promise<void>;
    list(): Promise<string[]>;
  };
  readonly log: Log;
  /** The same for every run of this process. */
  readonly holder: string;
  readonly retentionDays: number;
}

/** Starts the runner; first it fails what an earlier run of it left under way. Returns what ends it. */
export function startBackupRunner(parts: BackupRunnerParts): () => Promise<void> {
  const stopping = new AbortController();
  let recovered = false;
  const look = async () => {
    await failInterrupted(parts, recovered ? null : parts.holder);
    recovered = true;
    await workOff(parts, stopping.signal);
  };
  const clock = startClock(look, LOOK_MS, parts.log);
  const tidy = startClock(() => deleteExpiredFiles(parts), TIDY_MS, parts.log);
  return async () => {
    stopping.abort();
    await clock.stop();
    await tidy.stop();
  };
}

async function workOff(parts: BackupRunnerParts, stopping: AbortSignal): Promise<void> {
  for (;;) {
    if (stopping.aborted) return;
    const job = await claimBackupJob(parts.store, parts.holder);
    if (!job) return;
    const heartbeat = setInterval(() => {
      extendBackupJob(parts.store, job.id, parts.holder).catch((error) =>
        parts.log.warn({ err: error }, 'a backup job could not be extended'),
      );
    }, LEASE_MS / 3);
    try {
      const signal = AbortSignal.any([stopping, AbortSignal.timeout(JOB_MS)]);
      await end(parts, job, await carryOut(parts, job, signal));
    } finally {
      clearInterval(heartbeat);
    }
  }
}

async function carryOut(
  parts: BackupRunnerParts,
  job: BackupJob,
  signal: AbortSignal,
): Promise<BackupOutcome> {
  try {
    const sizeBytes =
      job.type === 'backup' ? await dump(parts, job, signal) : await restore(parts, job, signal);
    return { status: 'completed', sizeBytes };
  } catch (error) {
    parts.log.warn({ err: error, job: job.id }, 'a backup job failed');
    const known = error instanceof Fault;
    return { status: 'failed', errorMessage: known ? error.message : 'an unexpected error' };
  }
}

async function end(parts: BackupRunnerParts, job: BackupJob, outcome: BackupOutcome): Promise<void> {
  const ended = await parts.store.transaction().execute(async (db) => {
    if (!(await endBackupJob(db, job.id, outcome))) return false;
    const row = await findResource(db, 'database', job.databaseId);
    await insertSystemAudit(db, {
      action: `${job.type}.end`,
      targetKind: 'database',
      targetId: job.databaseId,
      targetName: row?.name ?? null,
      rootId: job.databaseId,
      outcome: outcome.status === 'completed' ? 'done' : 'failed',
      details: { job: job.id, ...(outcome.status === 'failed' && { message: outcome.errorMessage }) },
    });
    return true;
  });
  // What was uploaded is of no use any more; a backup's file is what it is for.
  if (ended && (job.type === 'restore' || outcome.status === 'failed')) await parts.files.delete(job.id);
}

async function getActive(parts: BackupRunnerParts, job: BackupJob): Promise<Database> {
  const row = await findResource(parts.store, 'database', job.databaseId);
  if (row?.desired !== 'active')
    throw new Fault('backup.not-active', `Database must be active to ${job.type}`);
  return toResource({ ...row, kind: 'database' });
}

async function dump(parts: BackupRunnerParts, job: BackupJob, signal: AbortSignal): Promise<number> {
  const { id, name } = await getActive(parts, job);
  const target = { databaseId: id, databaseName: name };
  const { sizeBytes } = await parts.backup.dump(target, parts.files.pathOf(job.id), signal);
  return sizeBytes;
}

async function restore(parts: BackupRunnerParts, job: BackupJob, signal: AbortSignal): Promise<number> {
  await getActive(parts, job);
  const row = await findResource(parts.store, 'database', job.databaseId);
  if (!row) throw new Fault('backup.not-active', 'Database must be active to restore');
  const prepared = await databaseTarget(row, parts.store);
  try {
    await parts.backup.prepareRestore(prepared, parts.files.pathOf(job.id), signal);
    await swapUnderLease(parts, job, signal);
  } catch (error) {
    const names = { databaseId: prepared.id, databaseName: prepared.name };
    await parts.backup.cleanUp(names, AbortSignal.timeout(PATIENCE_MS));
    throw error;
  }
  return job.sizeBytes;
}

/** The reconciler must not look while the database has no name, or two. */
async function swapUnderLease(parts: BackupRunnerParts, job: BackupJob, signal: AbortSignal): Promise<void> {
  const lease = await waitForLease(parts, job.databaseId, signal);
  const held = holdLease(parts.store, lease, parts.log);
  let generation: number;
  try {
    await getActive(parts, job);
    const row = await findResource(parts.store, 'database', job.databaseId);
    if (!row) throw new Fault('backup.not-active', 'Database must be active to restore');
    await parts.backup.swap(await databaseTarget(row, parts.store), AbortSignal.any([signal, held.signal]));
    // A generation of its own, so that there is a look to wait for which puts every privilege right.
    const spec = { desired: row.desired, spec: row.spec, fallback: null, awaitedBy: null };
    generation = (await updateSpec(parts.store, row.id, spec)).generation;
  } finally {
    held.stop();
    await releaseLease(parts.store, lease);
  }
  await until('the restored database was not looked at in time', signal, async () => {
    const row = await findResource(parts.store, 'database', job.databaseId);
    return !row || row.observed_generation >= generation ? true : undefined;
  });
}

function waitForLease(parts: BackupRunnerParts, rootId: string, signal: AbortSignal): Promise<Lease> {
  return until('the database is busy', signal, () => claimRoot(parts.store, parts.holder, rootId));
}

async function until<T>(what: string, signal: AbortSignal, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    signal.throwIfAborted();
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Fault('backup.patience', what);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function failInterrupted(parts: BackupRunnerParts, earlierRunOf: string | null): Promise<void> {
  for (const job of await listInterruptedJobs(parts.store, earlierRunOf)) {
    const row = await findResource(parts.store, 'database', job.databaseId);
    if (row) {
      const names = { databaseId: row.id, databaseName: row.name };
      await parts.backup.cleanUp(names, AbortSignal.timeout(PATIENCE_MS));
    }
    const errorMessage = 'Backyard was ended before the job was done; start it again';
    await end(parts, job, { status: 'failed', errorMessage });
  }
}

async function deleteExpiredFiles(parts: BackupRunnerParts): Promise<void> {
  const ids = await parts.files.list();
  const kept = new Set(await listKeptFiles(parts.store, ids, parts.retentionDays));
  for (const id of ids) if (!kept.has(id)) await parts.files.delete(id);
}
