/** Whether the managed cluster can be worked with at all. */
import { Fault } from '../../kernel/fault.ts';
import type { ClusterPool } from './cluster-pool.ts';

/** Postgres 14, as `server_version_num`; pgweb contract 4.1. */
const OLDEST_VERSION = 140_000;

export interface ClusterProbe {
  readonly versionNumber: number;
  readonly adminRole: string;
}

/** Looks whether the cluster answers and is usable; else Fault `cluster.unusable` that says what to set. */
export async function probeCluster(pool: ClusterPool, signal: AbortSignal): Promise<ClusterProbe> {
  const [row] = await look(pool, signal);
  if (row === undefined) throw unusable('The managed Postgres cluster gave no answer. Check PG_ADMIN_DSN.');
  if (!row.superuser) {
    throw unusable(`The role "${row.admin}" is not a superuser. Set PG_ADMIN_DSN to a superuser's DSN.`);
  }
  if (row.version < OLDEST_VERSION) {
    throw unusable('The managed cluster is older than Postgres 14. Set PG_ADMIN_DSN to a newer one.');
  }
  if (row.standby) {
    throw unusable('The managed cluster is a read-only standby. Set PG_ADMIN_DSN to the primary.');
  }
  return { versionNumber: row.version, adminRole: row.admin };
}

interface ProbeRow {
  readonly version: number;
  readonly admin: string;
  readonly superuser: boolean;
  readonly standby: boolean;
}

async function look(pool: ClusterPool, signal: AbortSignal): Promise<ProbeRow[]> {
  try {
    return await pool.admin.query<ProbeRow>(
      `SELECT current_setting('server_version_num')::int AS version, current_user::text AS admin,
              current_setting('is_superuser') = 'on' AS superuser, pg_is_in_recovery() AS standby`,
      [],
      signal,
    );
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Fault ? String(error.details.reason ?? error.code) : 'query failed';
    throw unusable(
      `The managed Postgres cluster cannot be used (${reason}). Set PG_ADMIN_DSN to a reachable superuser's DSN.`,
      error,
    );
  }
}

function unusable(message: string, cause?: unknown): Fault {
  return new Fault('cluster.unusable', message, {}, cause);
}
