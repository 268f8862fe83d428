/** Ends live sessions and waits until they are really gone. */
import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../../kernel/fault.ts';
import type { ClusterSession } from './cluster-session.ts';

const DEADLINE_MS = 10_000;
const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 200;

/**
 * A backend that is just starting passed the check of ALLOW_CONNECTIONS or LOGIN perhaps before we closed
 * them, and shows in pg_stat_activity without a database, or not yet. Its lock on the database gives it
 * away; nobody is left only when none of these is left either. Autovacuum is no session.
 */
const STARTING = `
  SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.objid
  WHERE d.datname = $1 AND l.locktype = 'object' AND l.classid = 'pg_database'::regclass
    AND l.pid NOT IN (SELECT a.pid FROM pg_stat_activity a WHERE a.datid IS NOT NULL)`;

const END_ALL = `
SELECT count(pg_terminate_backend(v.pid))::int AS remaining FROM (
  SELECT a.pid FROM pg_stat_activity a WHERE a.datname = $1 AND a.backend_type <> 'autovacuum worker'
  UNION ${STARTING}
) v`;

const END_OF_ROLE = `
SELECT count(CASE WHEN v.ended THEN pg_terminate_backend(v.pid) ELSE true END)::int AS remaining FROM (
  SELECT a.pid, true AS ended FROM pg_stat_activity a
  WHERE a.usename = $2 AND ($3::timestamptz IS NULL OR a.backend_start < $3::timestamptz)
  UNION SELECT s.pid, false FROM (${STARTING}) s
) v`;

/** Ends every session inside a database, our own included. Fault `database.sessions-remain` after 10 s. */
export async function endDatabaseSessions(
  admin: ClusterSession,
  databaseName: string,
  signal: AbortSignal,
): Promise<void> {
  await repeatUntilNone(admin, END_ALL, [databaseName], signal);
}

export interface LoginSessions {
  readonly databaseName: string;
  readonly login: string;
  /** RFC 3339; only sessions that began earlier. null: all of them. */
  readonly before: string | null;
}

/** Ends sessions of a login of a database. Fault `database.sessions-remain` after 10 s. */
export async function endLoginSessions(
  admin: ClusterSession,
  sessions: LoginSessions,
  signal: AbortSignal,
): Promise<void> {
  const values = [sessions.databaseName, sessions.login, sessions.before];
  await repeatUntilNone(admin, END_OF_ROLE, values, signal);
}

async function repeatUntilNone(
  admin: ClusterSession,
  statement: string,
  values: readonly (string | null)[],
  signal: AbortSignal,
): Promise<void> {
  const deadlineMs = performance.now() + DEADLINE_MS;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    const [row] = await admin.query<{ remaining: number }>(statement, values, signal);
    const remaining = row?.remaining ?? 0;
    if (remaining === 0) return;
    if (performance.now() > deadlineMs) {
      throw new Fault(
        'database.sessions-remain',
        'Sessions were told to end and did not within 10 seconds.',
        {
          remaining,
        },
      );
    }
    await delay(waitMs, undefined, { signal });
  }
}
