/** Ends live sessions and waits until they are really gone. */
import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../../kernel/fault.ts';
import type { ClusterSession } from './cluster-session.ts';
import { startingBackends } from './starting-backends.ts';

const DEADLINE_MS = 10_000;
const FIRST_WAIT_MS = 10;
const LONGEST_WAIT_MS = 200;

/** How long a starting backend, of which nobody knows yet whose it is, may take until it is ended too. */
const STARTING_GRACE_MS = 1000;

const STARTING = startingBackends('$1');
const STARTING_STILL = `SELECT s.pid FROM (${STARTING}) s WHERE s.pid = ANY ($2::int[])`;

const END_ALL = `
SELECT count(pg_terminate_backend(v.pid))::int AS remaining FROM (
  SELECT a.pid FROM pg_stat_activity a WHERE a.datname = $1 AND a.backend_type <> 'autovacuum worker'
  UNION ${STARTING_STILL}
) v`;

const END_OF_ROLE = `
SELECT count(CASE WHEN v.ended THEN pg_terminate_backend(v.pid) ELSE true END)::int AS remaining FROM (
  SELECT a.pid, true AS ended FROM pg_stat_activity a
  WHERE a.usename = $3 AND ($4::timestamptz IS NULL OR a.backend_start < $4::timestamptz)
  UNION SELECT s.pid, $5::boolean FROM (${STARTING_STILL}) s
) v`;

/** Ends every session inside a database, our own included. Fault `database.sessions-remain` after 10 s. */
export async function endDatabaseSessions(
  admin: ClusterSession,
  databaseName: string,
  signal: AbortSignal,
): Promise<void> {
  await repeatUntilNone(admin, END_ALL, databaseName, () => [], signal);
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
  const { databaseName, login, before } = sessions;
  const values = (spentMs: number) => [login, before, spentMs > STARTING_GRACE_MS];
  await repeatUntilNone(admin, END_OF_ROLE, databaseName, values, signal);
}

async function repeatUntilNone(
  admin: ClusterSession,
  statement: string,
  databaseName: string,
  values: (spentMs: number) => readonly unknown[],
  signal: AbortSignal,
): Promise<void> {
  const beganMs = performance.now();
  const starting = await admin.query<{ pid: number }>(STARTING, [databaseName], signal);
  const pids = starting.map((row) => row.pid);
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    const spentMs = performance.now() - beganMs;
    const [row] = await admin.query<{ remaining: number }>(
      statement,
      [databaseName, pids, ...values(spentMs)],
      signal,
    );
    const remaining = row?.remaining ?? 0;
    if (remaining === 0) return;
    if (spentMs > DEADLINE_MS) {
      const message = 'Sessions were told to end and did not within 10 seconds.';
      throw new Fault('database.sessions-remain', message, { remaining });
    }
    await delay(waitMs, undefined, { signal });
  }
}
