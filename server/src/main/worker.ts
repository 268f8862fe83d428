/** The part of Backyard that acts: the reconciler, the clocks, and the jobs. */
import type { BackupDirectory } from '../drivers/backup-files/backup-files.ts';
import { postgresBackup } from '../drivers/postgres/backup/postgres-backup.ts';
import { ClusterPool } from '../drivers/postgres/cluster-pool.ts';
import { endEarlierSessions } from '../drivers/postgres/earlier-sessions.ts';
import type { Log } from '../kernel/log.ts';
import type { Context } from '../operations/context.ts';
import { databaseSpec } from '../operations/database/spec.ts';
import { startBackupRunner } from '../reconcile/backup-runner.ts';
import { startClock } from '../reconcile/clock.ts';
import { Reconciler } from '../reconcile/reconciler.ts';
import { ensureCluster, recoverEarlierRun } from '../reconcile/recover.ts';
import { startSpares } from '../reconcile/spares.ts';
import { purgeEndedSignIns, purgeExpiredDatabases } from '../store/retention.ts';
import { bringLooksForward } from '../store/work.ts';
import type { Config } from './config.ts';
import { reconciledKinds } from './reconciled-kinds.ts';

/** How long work under way may take once a stop was asked for. */
const DRAIN_MS = 5_000;
const EARLIER_SESSIONS_MS = 10_000;
/** An hour is the most that the contract allows. */
const PURGE_EVERY_MS = 2_000;
const PURGE_SIGN_INS_EVERY_MS = 60_000;

export interface WorkerParts {
  readonly config: Config;
  readonly log: Log;
  /** A superuser of the managed cluster. */
  readonly adminDsn: string;
  readonly context: Context;
  readonly files: BackupDirectory;
}

/** Takes up what an earlier run left, and starts to work. Returns what ends that. */
export async function startWorker(parts: WorkerParts): Promise<() => Promise<void>> {
  const { config, log, context } = parts;
  const { store, instanceId } = context;
  const pool = await openClusterPool(parts.adminDsn, `backyard driver ${instanceId}`, log);
  const { dir: _, ...options } = config.backups;
  const backup = postgresBackup(pool, { ...options, dsn: parts.adminDsn });
  await recoverEarlierRun(store, instanceId, log);
  await ensureCluster(store);
  await bringLooksForward(store, config.lookIntervalMs);
  const kinds = reconciledKinds(pool, context.ring, backup);
  const reconciler = new Reconciler(
    { store, changes: context.changes, kinds, failPoint: context.failPoint, log },
    { holder: instanceId, concurrency: config.concurrency, lookIntervalMs: config.lookIntervalMs },
  );
  reconciler.start();
  const stopClocks = await startClocks(parts, backup);
  return async () => {
    await stopClocks();
    await reconciler.stop(DRAIN_MS);
    await pool.end();
  };
}

async function startClocks(
  { config, log, context, files }: WorkerParts,
  backup: ReturnType<typeof postgresBackup>,
): Promise<() => Promise<void>> {
  const { store, instanceId } = context;
  const purging = startClock(() => purgeExpiredDatabases(store), PURGE_EVERY_MS, log);
  const purgingSignIns = startClock(() => purgeEndedSignIns(store), PURGE_SIGN_INS_EVERY_MS, log);
  const stopSpares =
    config.spareDatabases > 0
      ? startSpares(context, config.spareDatabases, databaseSpec(context.postgres))
      : undefined;
  const stopBackups = startBackupRunner({
    store,
    backup,
    files,
    log,
    holder: instanceId,
    retentionDays: config.backups.retentionDays,
  });
  return async () => {
    await Promise.all([purging.stop(), purgingSignIns.stop(), stopSpares?.(), stopBackups()]);
  };
}

/** A cluster that is down delays nothing: its resource says so, and the reconciler waits for it. */
async function openClusterPool(dsn: string, applicationName: string, log: Log): Promise<ClusterPool> {
  const pool = new ClusterPool({ dsn, applicationName });
  await endEarlierSessions(pool, applicationName, AbortSignal.timeout(EARLIER_SESSIONS_MS)).catch((error) =>
    log.warn({ err: error }, 'the managed Postgres could not be asked about an earlier run'),
  );
  return pool;
}
