/** The databases of one restore, as the cluster has them. */
import { type DatabaseTarget, databaseRoles } from '../../../domain/database.ts';
import type { ClusterPool } from '../cluster-pool.ts';
import type { DatabaseStep } from '../database-plan.ts';
import { applyDatabaseStep } from '../database-steps.ts';
import { endDatabaseSessions } from '../end-sessions.ts';
import { ident, literal } from '../quote.ts';
import { preparedName, replacedName } from './restore-names.ts';

export interface RestoreSubject {
  readonly databaseId: string;
  readonly databaseName: string;
}

export interface FoundDatabase {
  readonly name: string;
  /** Owned by the owner role of the database in question. */
  readonly ours: boolean;
  /** A drop of it was interrupted. */
  readonly invalid: boolean;
  readonly preparedTransactions: number;
  readonly comment: string | null;
}

export interface FoundDatabases {
  readonly live: FoundDatabase | null;
  /** null too when the name is somebody else's. */
  readonly prepared: FoundDatabase | null;
  readonly replaced: FoundDatabase | null;
}

/** Comments by which a database says how far a restore got; only its owner, so nobody, could forge one. */
const PREPARED = 'backyard restore: prepared';
const RESTORED = 'backyard restore: done';

const FIND = `
SELECT d.datname::text AS name, pg_get_userbyid(d.datdba) = $2 AS ours, d.datconnlimit = -2 AS invalid,
       (SELECT count(*)::int FROM pg_prepared_xacts p WHERE p.database = d.datname) AS "preparedTransactions",
       shobj_description(d.oid, 'pg_database') AS comment
FROM pg_database d WHERE d.datname = ANY ($1::text[])`;

/** Finds them by name and owner. */
export async function findRestoreDatabases(
  pool: ClusterPool,
  subject: RestoreSubject,
  signal: AbortSignal,
): Promise<FoundDatabases> {
  const { databaseId, databaseName } = subject;
  const names = [databaseName, preparedName(databaseId), replacedName(databaseId)];
  const rows = await pool.admin.query<FoundDatabase & Record<string, unknown>>(
    FIND,
    [names, databaseRoles(databaseId).owner],
    signal,
  );
  const find = (name: string): FoundDatabase | null => rows.find((row) => row.name === name) ?? null;
  const own = (name: string): FoundDatabase | null =>
    rows.find((row) => row.name === name && row.ours) ?? null;
  return {
    live: find(databaseName),
    prepared: own(preparedName(databaseId)),
    replaced: own(replacedName(databaseId)),
  };
}

export function isPrepared(database: FoundDatabase | null): boolean {
  return database !== null && !database.invalid && database.comment === PREPARED;
}

export function isRestored(database: FoundDatabase | null): boolean {
  return database?.comment === RESTORED;
}

/** Says that everything is in it and that nobody may come in before the names change. */
export function preparedMark(name: string): string[] {
  return [
    `ALTER DATABASE ${ident(name)} WITH CONNECTION LIMIT 0 ALLOW_CONNECTIONS false`,
    `COMMENT ON DATABASE ${ident(name)} IS ${literal(PREPARED)}`,
  ];
}

export function restoredMark(name: string): string {
  return `COMMENT ON DATABASE ${ident(name)} IS ${literal(RESTORED)}`;
}

/** Opens a database, or leaves it closed as the driver leaves a suspended one. */
export function doorStatement(target: DatabaseTarget): string {
  const open = `CONNECTION LIMIT ${Math.trunc(target.connectionLimit)} ALLOW_CONNECTIONS true`;
  const closed = 'CONNECTION LIMIT 0 ALLOW_CONNECTIONS false';
  return `ALTER DATABASE ${ident(target.name)} WITH ${target.desired === 'active' ? open : closed}`;
}

/** Nobody gets in, nobody is left in, no prepared transaction holds it. */
export async function emptyDatabase(
  pool: ClusterPool,
  databaseName: string,
  signal: AbortSignal,
): Promise<void> {
  await pool.closeInside(databaseName);
  await pool.admin.batch([`ALTER DATABASE ${ident(databaseName)} WITH ALLOW_CONNECTIONS false`], signal);
  await endDatabaseSessions(pool.admin, databaseName, signal);
  const rows = await pool.admin.query(
    'SELECT FROM pg_prepared_xacts WHERE database = $1 LIMIT 1',
    [databaseName],
    signal,
  );
  if (rows.length > 0) await takeStep(pool, databaseName, 'roll-back-prepared', signal);
}

/** Drops one of them, whatever is going on inside. */
export async function dropDatabase(
  pool: ClusterPool,
  database: FoundDatabase,
  signal: AbortSignal,
): Promise<void> {
  if (!database.invalid) await emptyDatabase(pool, database.name, signal);
  await takeStep(pool, database.name, 'drop-database', signal);
}

async function takeStep(
  pool: ClusterPool,
  databaseName: string,
  name: DatabaseStep['name'],
  signal: AbortSignal,
): Promise<void> {
  await applyDatabaseStep(pool, NOBODY, { name, statements: [], names: [], databaseName }, signal);
}

/** The steps taken here go by the name of the database alone. */
const NOBODY: DatabaseTarget = {
  id: '',
  name: '',
  desired: 'absent',
  everSettled: false,
  connectionLimit: 0,
  extensions: [],
  logins: [],
};
