/** Work inside a database that is closed to everybody. */
import type { ClusterPool } from './cluster-pool.ts';
import type { ClusterSession } from './cluster-session.ts';
import { ident } from './quote.ts';

const CLOSE_TIMEOUT_MS = 10_000;

/** Whether a database lets in, and whether it does so only for work of ours that was cut off. */
export interface Door {
  readonly allowsConnections: boolean;
  readonly connectionLimit: number;
}

/** True when an interrupted `insideClosed` left the database ajar: open, with room for nobody. */
export function isAjar(door: Door): boolean {
  return door.allowsConnections && door.connectionLimit === 0;
}

/**
 * Opens a closed database with CONNECTION LIMIT 0, which only superusers pass, runs `work` inside it, and
 * closes it again. The limit stays 0, as in every closed database: by it a later look knows what a crash left ajar.
 */
export async function insideClosed(
  pool: ClusterPool,
  databaseName: string,
  work: (session: ClusterSession) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const alter = `ALTER DATABASE ${ident(databaseName)} WITH`;
  await pool.admin.batch([`${alter} CONNECTION LIMIT 0 ALLOW_CONNECTIONS true`], signal);
  try {
    await work(pool.inside(databaseName));
  } finally {
    await pool.closeInside(databaseName);
    // Not the caller's signal: an aborted step must not leave the door open.
    await pool.admin.batch([`${alter} ALLOW_CONNECTIONS false`], AbortSignal.timeout(CLOSE_TIMEOUT_MS));
  }
}

/** Runs `work` inside a database, whether it is open or closed, and leaves it as it was. */
export async function insideAny(
  pool: ClusterPool,
  databaseName: string,
  door: Door,
  work: (session: ClusterSession) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  if (door.allowsConnections && !isAjar(door)) return work(pool.inside(databaseName));
  return insideClosed(pool, databaseName, work, signal);
}
