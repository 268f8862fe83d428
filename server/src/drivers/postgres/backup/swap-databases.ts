/** Puts the prepared database in the place of the live one. */
import type { DatabaseTarget } from '../../../domain/database.ts';
import { Fault } from '../../../kernel/fault.ts';
import type { ClusterPool } from '../cluster-pool.ts';
import { sqlState } from '../cluster-session.ts';
import { databaseCommentSuffix, LOGIN_COMMENT_PREFIX } from '../managed-names.ts';
import { ident, literal } from '../quote.ts';
import {
  doorStatement,
  dropDatabase,
  emptyDatabase,
  type FoundDatabases,
  findRestoreDatabases,
  isPrepared,
  isRestored,
  restoredMark,
} from './restore-databases.ts';
import { preparedName, replacedName } from './restore-names.ts';

/** `object_in_use`: somebody got in between, because a pass of the driver opened the database again. */
const IN_USE = '55006';
const TRIES = 5;
const REOPEN_TIMEOUT_MS = 10_000;

/**
 * Swaps the prepared database in and drops the former one. Repeating it after it succeeded is quiet.
 * Faults: `backup.not-prepared`, `database.name-taken`, `database.sessions-remain`.
 */
export async function swapDatabases(
  pool: ClusterPool,
  target: DatabaseTarget,
  signal: AbortSignal,
): Promise<void> {
  const subject = { databaseId: target.id, databaseName: target.name };
  const found = await findRestoreDatabases(pool, subject, signal);
  if (found.live !== null && !found.live.ours) {
    throw new Fault('database.name-taken', `The cluster has a database "${target.name}" that is not ours.`);
  }
  if (isPrepared(found.prepared)) await changeNames(pool, target, found, signal);
  else if (!isRestored(found.live)) {
    throw new Fault('backup.not-prepared', 'There is no prepared database to put in place.');
  }
  const { replaced } = await findRestoreDatabases(pool, subject, signal);
  if (replaced !== null) await dropDatabase(pool, replaced, signal);
}

async function changeNames(
  pool: ClusterPool,
  target: DatabaseTarget,
  found: FoundDatabases,
  signal: AbortSignal,
): Promise<void> {
  // Of an earlier restore, whose last step was cut off.
  if (found.live !== null && found.replaced !== null) await dropDatabase(pool, found.replaced, signal);
  try {
    for (let tries = 1; ; tries++) {
      if (found.live !== null) await emptyDatabase(pool, target.name, signal);
      await emptyDatabase(pool, preparedName(target.id), signal);
      const statements = await renameStatements(pool, target, found.live !== null, signal);
      try {
        return await pool.admin.batch(statements, signal);
      } catch (error) {
        if (sqlState(error) !== IN_USE || tries === TRIES) throw error;
      }
    }
  } catch (error) {
    if (found.live !== null) await reopen(pool, target);
    throw error;
  }
}

/** One transaction: at no moment is there nothing under the name. */
async function renameStatements(
  pool: ClusterPool,
  target: DatabaseTarget,
  isLive: boolean,
  signal: AbortSignal,
): Promise<string[]> {
  const name = ident(target.name);
  return [
    ...(isLive ? [`ALTER DATABASE ${name} RENAME TO ${ident(replacedName(target.id))}`] : []),
    `ALTER DATABASE ${ident(preparedName(target.id))} RENAME TO ${name}`,
    restoredMark(target.name),
    ...(isLive ? await settingStatements(pool, target, signal) : []),
    doorStatement(target),
  ];
}

/** Settings of logins hang on the old database, not on its name; without them a writer's tables are its own. */
async function settingStatements(
  pool: ClusterPool,
  target: DatabaseTarget,
  signal: AbortSignal,
): Promise<string[]> {
  const rows = await pool.admin.query<{ login: string; name: string; value: string }>(
    `SELECT a.rolname::text AS login, split_part(c, '=', 1) AS name, substr(c, strpos(c, '=') + 1) AS value
     FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase JOIN pg_authid a ON a.oid = s.setrole
     JOIN pg_shdescription t ON t.objoid = a.oid AND t.classoid = 'pg_authid'::regclass
     CROSS JOIN unnest(s.setconfig) c
     WHERE d.datname = $1 AND starts_with(t.description, $2) AND right(t.description, length($3)) = $3
       AND split_part(c, '=', 1) = ANY ($4::text[])`,
    [target.name, LOGIN_COMMENT_PREFIX, databaseCommentSuffix(target.id), KEPT_SETTINGS],
    signal,
  );
  return rows.map(
    ({ login, name, value }) =>
      `ALTER ROLE ${ident(login)} IN DATABASE ${ident(target.name)} SET ${ident(name)} = ${literal(value)}`,
  );
}

/** Those that the driver of users sets; it takes every other one away. */
const KEPT_SETTINGS = ['role', 'statement_timeout', 'idle_in_transaction_session_timeout'];

/** The old one is in place and nothing was lost: people get back in without waiting for a repair. */
async function reopen(pool: ClusterPool, target: DatabaseTarget): Promise<void> {
  const signal = AbortSignal.timeout(REOPEN_TIMEOUT_MS);
  try {
    const subject = { databaseId: target.id, databaseName: target.name };
    const { live } = await findRestoreDatabases(pool, subject, signal);
    if (live?.ours) await pool.admin.batch([doorStatement(target)], signal);
  } catch {
    // Why the swap failed is what people must hear; the next pass of the driver opens the database.
  }
}
