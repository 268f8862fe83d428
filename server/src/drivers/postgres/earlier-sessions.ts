import type { ClusterPool } from './cluster-pool.ts';

const WAIT_MS = 5_000;

/**
 * Ends the connections of an earlier run and waits until they are gone: a `CREATE DATABASE` that outlives its
 * sender would otherwise finish after everybody looked. Call it before this run opens others.
 */
export async function endEarlierSessions(
  pool: ClusterPool,
  applicationName: string,
  signal: AbortSignal,
): Promise<void> {
  await pool.admin.query(
    `SELECT pg_terminate_backend(pid, $2) FROM pg_stat_activity
     WHERE application_name = $1 AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
    [applicationName, WAIT_MS],
    signal,
  );
}
