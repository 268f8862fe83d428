/** From what was seen of a managed database to the steps that make it as asked for. Pure. */
import { type DatabaseTarget, databaseRoles } from '../../domain/database.ts';
import type { Step } from '../../domain/driver.ts';
import { Fault } from '../../kernel/fault.ts';
import type { SeenDatabase, SharedCatalog } from './database-catalog.ts';
import {
  databaseStatements,
  freshDatabase,
  groupStatements,
  loginStatements,
} from './database-statements.ts';
import { freshSchemaStatements, GROUP_ATTRIBUTES } from './expected-privileges.ts';
import { grantStatements, ownerStatements, revokeStatements } from './grant-statements.ts';
import type { InsideCatalog } from './inside-catalog.ts';
import { ident } from './quote.ts';

export const DATABASE_STEP_NAMES = [
  'create-groups',
  'repair-groups',
  'create-database',
  'rename-database',
  'open-database',
  'repair-database',
  'prepare-schema',
  'repair-ownership',
  'repair-privileges',
  'install-extensions',
  'close-database',
  'end-sessions',
  'roll-back-prepared',
  'drop-database',
  'drop-roles',
] as const;

export interface DatabaseStep extends Step {
  readonly name: (typeof DATABASE_STEP_NAMES)[number];
  /** SQL of the step, in order; empty for steps that look for themselves what there is to do. */
  readonly statements: readonly string[];
  /** Extensions to install, roles to drop. */
  readonly names: readonly string[];
  /** What the database is called in the cluster when the step is taken. */
  readonly databaseName: string;
}

type Draft = Omit<DatabaseStep, 'databaseName'>;

export interface DatabaseObservation extends SharedCatalog {
  /** null while nobody may look inside: closed, or its groups are not there yet. */
  readonly inside: InsideCatalog | null;
  /** Wanted, offered by the cluster, not installed. */
  readonly installableExtensions: readonly string[];
}

const NOTHING: DatabaseObservation = {
  versionNumber: 0,
  database: null,
  groups: [],
  memberships: [],
  logins: [],
  inside: null,
  installableExtensions: [],
};

/** The steps, in order. Throws Fault `database.vanished` when a settled database is not in the cluster. */
export function planDatabase(
  target: DatabaseTarget,
  observation: DatabaseObservation | null,
): readonly DatabaseStep[] {
  const seen = observation ?? NOTHING;
  const databaseName = seen.database?.ours === true ? seen.database.name : target.name;
  return draft(target, seen).map((one) => ({ ...one, databaseName }));
}

function draft(target: DatabaseTarget, seen: DatabaseObservation): Draft[] {
  if (target.desired === 'absent') return planAbsent(target, seen);
  const { database } = seen;
  if (database === null || !database.ours || database.invalid) {
    if (target.everSettled) throw vanished(database);
    return target.desired === 'active' ? planCreation(target, seen) : [];
  }
  const rename = renameSteps(target, database);
  if (target.desired === 'suspended') return [...planSuspended(seen, database), ...rename];
  // Everything else is named by the database's name, so the next look goes on.
  return rename.length > 0 ? rename : planActive(target, seen, database);
}

/** A spare gets its name; one that somebody renamed gets its own back. */
function renameSteps(target: DatabaseTarget, database: SeenDatabase): Draft[] {
  if (database.name === target.name) return [];
  return [
    step('rename-database', [`ALTER DATABASE ${ident(database.name)} RENAME TO ${ident(target.name)}`]),
  ];
}

function vanished(database: SeenDatabase | null): Fault {
  const what =
    database === null ? 'is gone from' : database.invalid ? 'was half dropped in' : 'is another one in';
  return new Fault(
    'database.vanished',
    `The database ${what} the cluster. It is not made again by itself, because that would hide the loss: restore a backup or delete it.`,
  );
}

function planCreation(target: DatabaseTarget, seen: DatabaseObservation): Draft[] {
  const leftOver = seen.database?.ours === true && seen.database.invalid;
  return [
    ...when(leftOver, step('drop-database')),
    ...groupSteps(target, seen),
    step('create-database', [createDatabase(target)]),
    step('open-database', databaseStatements(target, freshDatabase(target))),
    step('prepare-schema', freshSchemaStatements(target.id)),
    ...when(target.extensions.length > 0, step('install-extensions', [], target.extensions)),
  ];
}

function createDatabase(target: DatabaseTarget): string {
  const options = [
    `OWNER ${ident(databaseRoles(target.id).owner)}`,
    'TEMPLATE template0',
    "ENCODING 'UTF8'",
    'ALLOW_CONNECTIONS false',
    `CONNECTION LIMIT ${Math.trunc(target.connectionLimit)}`,
  ];
  return `CREATE DATABASE ${ident(target.name)} ${options.join(' ')}`;
}

function planActive(target: DatabaseTarget, seen: DatabaseObservation, database: SeenDatabase): Draft[] {
  const outside = [...databaseStatements(target, database), ...loginStatements(target, seen.logins)];
  return [
    ...groupSteps(target, seen),
    ...statementStep(database.allowsConnections ? 'repair-database' : 'open-database', outside),
    ...insideSteps(target, seen.inside),
    ...when(
      seen.installableExtensions.length > 0,
      step('install-extensions', [], seen.installableExtensions),
    ),
  ];
}

function groupSteps(target: DatabaseTarget, seen: DatabaseObservation): Draft[] {
  const there = new Set(seen.groups.map((group) => group.name));
  const missing = Object.values(databaseRoles(target.id)).filter((role) => !there.has(role));
  return [
    ...statementStep(
      'create-groups',
      missing.map((role) => `CREATE ROLE ${ident(role)} ${GROUP_ATTRIBUTES}`),
    ),
    ...statementStep('repair-groups', groupStatements(target, seen)),
  ];
}

function insideSteps(target: DatabaseTarget, inside: InsideCatalog | null): Draft[] {
  if (inside === null) return [];
  return [
    ...statementStep('repair-ownership', ownerStatements(inside.misowned, databaseRoles(target.id).write)),
    ...statementStep('repair-privileges', [
      ...revokeStatements(inside.unexpected),
      ...grantStatements(inside.missing),
    ]),
  ];
}

/**
 * Logins first: a database that still lets in is then one that nobody can come into. The limit of 0 is the
 * mark that the end of sessions was seen through, those included that show nowhere yet.
 */
function planSuspended(seen: DatabaseObservation, database: SeenDatabase): Draft[] {
  const logins = seen.logins.filter((login) => login.canLogin).map((login) => login.name);
  const open = logins.length > 0 || database.allowsConnections;
  const ended = !open && database.connections === 0 && database.connectionLimit === 0;
  return [...when(open, step('close-database', [], logins)), ...when(!ended, step('end-sessions'))];
}

/**
 * Never settled: only a database with our owner may go, because the name may have been somebody else's
 * all along. Once settled the name is ours, and a changed owner is drift.
 */
function planAbsent(target: DatabaseTarget, seen: DatabaseObservation): Draft[] {
  const { database } = seen;
  const steps: Draft[] = [];
  if (database !== null && (target.everSettled ? database.ours : database.ownedByUs)) {
    if (!database.invalid) steps.push(...planSuspended(seen, database));
    if (database.preparedTransactions > 0) steps.push(step('roll-back-prepared'));
    steps.push(step('drop-database'));
  }
  const roles = [...seen.logins, ...seen.groups].map((role) => role.name);
  return [...steps, ...when(roles.length > 0, step('drop-roles', [], roles))];
}

function step(
  name: DatabaseStep['name'],
  statements: readonly string[] = [],
  names: readonly string[] = [],
): Draft {
  return { name, statements, names };
}

function statementStep(name: DatabaseStep['name'], statements: readonly string[]): Draft[] {
  return when(statements.length > 0, step(name, statements));
}

function when(condition: boolean, one: Draft): Draft[] {
  return condition ? [one] : [];
}
