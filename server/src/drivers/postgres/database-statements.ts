/** Statements on the shared side of a managed database: its groups, its access list, its limits. */
import { type DatabaseTarget, databaseRoles } from '../../domain/database.ts';
import type { DatabaseGrant, SeenDatabase, SeenLogin, SharedCatalog } from './database-catalog.ts';
import { databasePrivileges, GROUP_ATTRIBUTES } from './expected-privileges.ts';
import { grantee } from './grant-statements.ts';
import { revokeMemberships } from './membership-statements.ts';
import { ident } from './quote.ts';

/** The part of a database that statements are derived from. */
export type DatabaseSurface = Pick<
  SeenDatabase,
  'ownedByUs' | 'allowsConnections' | 'connectionLimit' | 'isTemplate' | 'settings' | 'grants'
>;

/** What our CREATE DATABASE leaves: closed, and PUBLIC may connect and make temporary tables. */
export function freshDatabase(target: DatabaseTarget): DatabaseSurface {
  return {
    ownedByUs: true,
    allowsConnections: false,
    connectionLimit: target.connectionLimit,
    isTemplate: false,
    settings: [],
    grants: [
      { grantee: null, privilege: 'CONNECT', grantable: false },
      { grantee: null, privilege: 'TEMPORARY', grantable: false },
    ],
  };
}

/** Brings owner, access list, settings and limits to the contract; opens it last. */
export function databaseStatements(target: DatabaseTarget, database: DatabaseSurface): string[] {
  const name = ident(target.name);
  const options: string[] = [];
  if (database.isTemplate) options.push('IS_TEMPLATE false');
  if (database.connectionLimit !== target.connectionLimit) {
    options.push(`CONNECTION LIMIT ${Math.trunc(target.connectionLimit)}`);
  }
  if (!database.allowsConnections) options.push('ALLOW_CONNECTIONS true');
  return [
    ...(database.ownedByUs
      ? []
      : [`ALTER DATABASE ${name} OWNER TO ${ident(databaseRoles(target.id).owner)}`]),
    ...(database.settings.length > 0 ? [`ALTER DATABASE ${name} RESET ALL`] : []),
    ...accessStatements(target, database.grants),
    ...(options.length > 0 ? [`ALTER DATABASE ${name} WITH ${options.join(' ')}`] : []),
  ];
}

function accessStatements(target: DatabaseTarget, grants: readonly DatabaseGrant[]): string[] {
  const on = `ON DATABASE ${ident(target.name)}`;
  const expected = databasePrivileges(target.id);
  const right = (grant: DatabaseGrant): boolean =>
    grant.grantee !== null && (expected.get(grant.grantee)?.includes(grant.privilege) ?? false);
  const wrong = byGrantee(grants.filter((grant) => !right(grant)));
  const handedOn = byGrantee(grants.filter((grant) => right(grant) && grant.grantable));
  const missing = [...expected].map(([role, privileges]): [string, string[]] => [
    role,
    privileges.filter((p) => !grants.some((grant) => grant.grantee === role && grant.privilege === p)),
  ]);
  return [
    ...wrong.map(([role, list]) => `REVOKE ${list.join(', ')} ${on} FROM ${grantee(role)} CASCADE`),
    ...handedOn.map(
      ([role, list]) => `REVOKE GRANT OPTION FOR ${list.join(', ')} ${on} FROM ${grantee(role)} CASCADE`,
    ),
    ...missing.flatMap(([role, list]) =>
      list.length > 0 ? [`GRANT ${list.join(', ')} ${on} TO ${grantee(role)}`] : [],
    ),
  ];
}

function byGrantee(grants: readonly DatabaseGrant[]): [string | null, string[]][] {
  const roles = new Map<string | null, string[]>();
  for (const grant of grants)
    roles.set(grant.grantee, [...(roles.get(grant.grantee) ?? []), grant.privilege]);
  return [...roles];
}

/** Takes from the groups every attribute, setting and membership that they should not have. */
export function groupStatements(target: DatabaseTarget, seen: SharedCatalog): string[] {
  const { owner } = databaseRoles(target.id);
  const groups = new Set(seen.groups.map((group) => group.name));
  const logins = new Set(seen.logins.map((login) => login.name));
  const wrong = seen.memberships.filter(
    (one) => !groups.has(one.role) || one.role === owner || !logins.has(one.member),
  );
  return [
    ...seen.groups.flatMap((group) => [
      ...(group.attributesRight ? [] : [`ALTER ROLE ${ident(group.name)} ${GROUP_ATTRIBUTES}`]),
      ...group.settingScopes.map((scope) =>
        scope === null
          ? `ALTER ROLE ${ident(group.name)} RESET ALL`
          : `ALTER ROLE ${ident(group.name)} IN DATABASE ${ident(scope)} RESET ALL`,
      ),
    ]),
    ...revokeMemberships(wrong, seen.versionNumber),
  ];
}

/** Lets the logins in again that were shut out while the database was suspended. */
export function loginStatements(target: DatabaseTarget, logins: readonly SeenLogin[]): string[] {
  const wanted = new Set(target.logins.map((login) => login.role));
  return logins
    .filter((login) => !login.canLogin && wanted.has(login.name))
    .map((login) => `ALTER ROLE ${ident(login.name)} LOGIN`);
}
