/** Keeps managed databases true: pgweb contract 4.1, 4.3, 4.5, 4.6. */
import { type DatabaseStatus, type DatabaseTarget, databaseRoles } from '../../domain/database.ts';
import type { Driver } from '../../domain/driver.ts';
import { Fault } from '../../kernel/fault.ts';
import type { ClusterPool } from './cluster-pool.ts';
import { readSharedCatalog, type SharedCatalog } from './database-catalog.ts';
import {
  DATABASE_STEP_NAMES,
  type DatabaseObservation,
  type DatabaseStep,
  planDatabase,
} from './database-plan.ts';
import { applyDatabaseStep } from './database-steps.ts';
import { type InsideCatalog, readInsideCatalog } from './inside-catalog.ts';

/**
 * The driver for databases. Faults: `database.name-taken` from observing or applying, when a database of
 * somebody else has the name; `database.vanished` from planning; `database.sessions-remain` from applying.
 */
export function databaseDriver(pool: ClusterPool): Driver<DatabaseTarget, DatabaseObservation, DatabaseStep> {
  return {
    kind: 'database',
    stepNames: DATABASE_STEP_NAMES,
    observe: (target, signal) => observe(pool, target, signal),
    plan: planDatabase,
    apply: (target, step, signal) => applyDatabaseStep(pool, target, step, signal),
  };
}

/** The status that a look leaves; what a closed database does not show is kept from before. */
export function databaseStatus(
  observation: DatabaseObservation,
  previous: DatabaseStatus | null,
  observedAt: string,
): DatabaseStatus {
  const { database, inside } = observation;
  return {
    // Nobody has looked inside a database that is being closed, so that one counts as closed already.
    open: inside !== null,
    extensions: inside?.extensions ?? previous?.extensions ?? [],
    sizeBytes: database?.sizeBytes ?? 0,
    connections: database?.connections ?? 0,
    observedAt,
  };
}

async function observe(
  pool: ClusterPool,
  target: DatabaseTarget,
  signal: AbortSignal,
): Promise<DatabaseObservation | null> {
  const shared = await readSharedCatalog(pool.admin, target, signal);
  const { database } = shared;
  if (database !== null && !database.ours && target.desired === 'active' && !target.everSettled) {
    throw new Fault('database.name-taken', `The cluster has a database "${target.name}" that is not ours.`);
  }
  const mine = database?.ours === true ? database : null;
  if (mine === null && shared.groups.length === 0 && shared.logins.length === 0) return null;
  const inside = await lookInside(pool, target, shared, signal);
  return {
    ...shared,
    inside,
    installableExtensions: await installable(pool, target, inside, signal),
  };
}

async function lookInside(
  pool: ClusterPool,
  target: DatabaseTarget,
  shared: SharedCatalog,
  signal: AbortSignal,
): Promise<InsideCatalog | null> {
  const { database } = shared;
  const open =
    database?.ours === true &&
    database.name === target.name &&
    database.allowsConnections &&
    !database.invalid;
  const complete = shared.groups.length === Object.keys(databaseRoles(target.id)).length;
  if (target.desired !== 'active' || !open || !complete) return null;
  const levels = new Map(target.logins.map((login) => [login.role, login.level]));
  const writers = shared.logins.filter((login) =>
    levels.has(login.name) ? levels.get(login.name) === 'write' : login.inWriteGroup,
  );
  return readInsideCatalog(
    pool.inside(target.name),
    {
      databaseId: target.id,
      writeLogins: writers.map((login) => login.name),
      allLogins: shared.logins.map((login) => login.name),
    },
    signal,
  );
}

async function installable(
  pool: ClusterPool,
  target: DatabaseTarget,
  inside: InsideCatalog | null,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (inside === null) return [];
  const missing = target.extensions.filter((name) => !inside.extensions.includes(name));
  if (missing.length === 0) return [];
  const offered = await pool.offeredExtensions(signal);
  return missing.filter((name) => offered.has(name));
}
