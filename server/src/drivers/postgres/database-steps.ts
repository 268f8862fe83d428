/** Takes one step of a managed database. */
import { type DatabaseTarget, databaseRoles } from '../../domain/database.ts';
import { Fault } from '../../kernel/fault.ts';
import { insideClosed } from './closed-database.ts';
import type { ClusterPool } from './cluster-pool.ts';
import { sqlState } from './cluster-session.ts';
import type { DatabaseStep } from './database-plan.ts';
import { endDatabaseSessions } from './end-sessions.ts';
import { ident, literal } from './quote.ts';
import { releaseRoles } from './release-roles.ts';

/** A unique violation is how two makers of one name in the very same moment show. */
const DUPLICATE_DATABASE = '42P04';
const ALREADY_THERE = new Set(['42710', '42P04', '23505']);

export async function applyDatabaseStep(
  pool: ClusterPool,
  target: DatabaseTarget,
  step: DatabaseStep,
  signal: AbortSignal,
): Promise<void> {
  switch (step.name) {
    case 'create-groups':
      return createGroups(pool, step, signal);
    case 'create-database':
      return createDatabase(pool, target, step, signal);
    case 'rename-database':
      return renameDatabase(pool, target, step, signal);
    case 'repair-groups':
    case 'open-database':
    case 'repair-database':
      return pool.admin.batch(step.statements, signal);
    case 'prepare-schema':
    case 'repair-ownership':
    case 'repair-privileges':
      return pool.inside(target.name).batch(step.statements, signal);
    case 'install-extensions':
      return installExtensions(pool, target, step, signal);
    case 'close-database':
      return closeDatabase(pool, step, signal);
    case 'end-sessions':
      await pool.closeInside(step.databaseName);
      await endDatabaseSessions(pool.admin, step.databaseName, signal);
      return pool.admin.batch([`ALTER DATABASE ${ident(step.databaseName)} CONNECTION LIMIT 0`], signal);
    case 'roll-back-prepared':
      return rollBackPrepared(pool, step.databaseName, signal);
    case 'drop-database':
      await pool.closeInside(step.databaseName);
      return pool.admin.batch([`DROP DATABASE IF EXISTS ${ident(step.databaseName)} WITH (FORCE)`], signal);
    case 'drop-roles':
      await releaseRoles(pool, step.names, null, signal);
      return pool.admin.batch(
        step.names.map((role) => `DROP ROLE IF EXISTS ${ident(role)}`),
        signal,
      );
  }
}

/** All missing groups or none: when one is there already, an earlier try got through and the next look tells. */
async function createGroups(pool: ClusterPool, step: DatabaseStep, signal: AbortSignal): Promise<void> {
  try {
    await pool.admin.batch(step.statements, signal);
  } catch (error) {
    if (!ALREADY_THERE.has(sqlState(error) ?? '')) throw error;
  }
}

async function createDatabase(
  pool: ClusterPool,
  target: DatabaseTarget,
  step: DatabaseStep,
  signal: AbortSignal,
): Promise<void> {
  try {
    await pool.admin.batch(step.statements, signal);
  } catch (error) {
    if (!ALREADY_THERE.has(sqlState(error) ?? '')) throw error;
    const [row] = await pool.admin.query<{ owner: string }>(
      'SELECT pg_get_userbyid(datdba)::text AS owner FROM pg_database WHERE datname = $1',
      [target.name],
      signal,
    );
    if (row?.owner === databaseRoles(target.id).owner) return;
    throw new Fault('database.name-taken', `The cluster has a database "${target.name}" that is not ours.`);
  }
}

/** Postgres renames only what nobody is connected to; people who are keep it waiting, never lose their work. */
async function renameDatabase(
  pool: ClusterPool,
  target: DatabaseTarget,
  step: DatabaseStep,
  signal: AbortSignal,
): Promise<void> {
  await pool.closeInside(step.databaseName);
  try {
    await pool.admin.batch(step.statements, signal);
  } catch (error) {
    if (sqlState(error) !== DUPLICATE_DATABASE) throw error;
    throw new Fault('database.name-taken', `The cluster has a database "${target.name}" that is not ours.`);
  }
}

/** Into `public`, as if a person had done it: our own search path names no schema to install into. */
async function installExtensions(
  pool: ClusterPool,
  target: DatabaseTarget,
  step: DatabaseStep,
  signal: AbortSignal,
): Promise<void> {
  const offered = await pool.offeredExtensions(signal);
  const names = step.names.filter((name) => offered.has(name));
  if (names.length === 0) return;
  await pool
    .inside(target.name)
    .batch(
      [
        `SELECT set_config('search_path', ${literal('public')}, true)`,
        ...names.map((name) => `CREATE EXTENSION IF NOT EXISTS ${ident(name)} CASCADE`),
      ],
      signal,
    );
}

async function closeDatabase(pool: ClusterPool, step: DatabaseStep, signal: AbortSignal): Promise<void> {
  await pool.closeInside(step.databaseName);
  await pool.admin.batch(
    [
      ...step.names.map((login) => `ALTER ROLE ${ident(login)} NOLOGIN`),
      `ALTER DATABASE ${ident(step.databaseName)} WITH ALLOW_CONNECTIONS false`,
    ],
    signal,
  );
}

/** A prepared transaction keeps its database from being dropped, and can be ended only from inside. */
async function rollBackPrepared(pool: ClusterPool, databaseName: string, signal: AbortSignal): Promise<void> {
  const rows = await pool.admin.query<{ gid: string }>(
    'SELECT gid FROM pg_prepared_xacts WHERE database = $1',
    [databaseName],
    signal,
  );
  await insideClosed(
    pool,
    databaseName,
    async (session) => {
      for (const { gid } of rows) await session.batch([`ROLLBACK PREPARED ${literal(gid)}`], signal);
    },
    signal,
  );
}
