/** Statements that make a login what pgweb contract 4.1 says; none of them holds a verifier. */
import { databaseRoles } from '../../domain/database.ts';
import type { PgUserTarget } from '../../domain/pg-user.ts';
import { loginDefaultStatements } from './expected-privileges.ts';
import { loginComment } from './managed-names.ts';
import { revokeMemberships } from './membership-statements.ts';
import type { PgUserObservation, SeenRoleMembership, SeenRoleSettings } from './pg-user-catalog.ts';
import { ident, literal } from './quote.ts';

/** Attributes of a login, LOGIN included, its password not. */
export function loginAttributes(target: PgUserTarget): string {
  const limit = `CONNECTION LIMIT ${Math.trunc(target.connectionLimit)}`;
  return `LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE INHERIT NOREPLICATION NOBYPASSRLS ${limit}`;
}

/** The one group that the login is a member of, and the one that it must not be. */
export function groupsOf(target: PgUserTarget): { right: string; wrong: string } {
  const { read, write } = databaseRoles(target.databaseId);
  return target.permissionLevel === 'write' ? { right: write, wrong: read } : { right: read, wrong: write };
}

/** What a session of the login starts with, in its own database only. */
function expectedSettings(target: PgUserTarget): Map<string, string> {
  const settings = new Map([
    ['statement_timeout', target.statementTimeout],
    ['idle_in_transaction_session_timeout', target.idleTransactionTimeout],
  ]);
  // So that what it makes belongs to the group, and every write user may alter it.
  if (target.permissionLevel === 'write') settings.set('role', groupsOf(target).right);
  return settings;
}

/** Sets the settings of a new login. */
export function settingStatements(target: PgUserTarget, login: string): string[] {
  const alter = `ALTER ROLE ${ident(login)} IN DATABASE ${ident(target.databaseName)}`;
  return [...expectedSettings(target)].map(([name, value]) => `${alter} SET ${name} = ${literal(value)}`);
}

/** Brings settings back that differ, and takes away those of any other scope. */
export function settingRepairs(target: PgUserTarget, seen: PgUserObservation): string[] {
  const login = ident(seen.login);
  const elsewhere = seen.settings.filter((one) => one.database !== target.databaseName);
  const here = seen.settings.find((one) => one.database === target.databaseName);
  const repairs = elsewhere.map((one) =>
    one.database === null
      ? `ALTER ROLE ${login} RESET ALL`
      : `ALTER ROLE ${login} IN DATABASE ${ident(one.database)} RESET ALL`,
  );
  if (sameSettings(target, here)) return repairs;
  const reset = `ALTER ROLE ${login} IN DATABASE ${ident(target.databaseName)} RESET ALL`;
  return [...repairs, reset, ...settingStatements(target, seen.login)];
}

function sameSettings(target: PgUserTarget, seen: SeenRoleSettings | undefined): boolean {
  const expected = [...expectedSettings(target)].map(([name, value]) => `${name}=${value}`);
  return seen !== undefined && expected.sort().join('\n') === [...seen.settings].sort().join('\n');
}

/** The identity of the login in the cluster. */
export function commentStatement(target: PgUserTarget, login: string): string {
  return `COMMENT ON ROLE ${ident(login)} IS ${literal(loginComment(target.id, target.databaseId))}`;
}

/** Memberships that must go: of other roles, with other options, doubled, or in the login itself. */
export function wrongMemberships(target: PgUserTarget, seen: PgUserObservation): SeenRoleMembership[] {
  const { right } = groupsOf(target);
  const kept = seen.memberships.find((one) => isRight(one, seen.login, right));
  return seen.memberships.filter((one) => one !== kept);
}

/** True when the login is a member of its group as it should be. */
export function isInGroup(target: PgUserTarget, seen: PgUserObservation): boolean {
  return seen.memberships.some((one) => isRight(one, seen.login, groupsOf(target).right));
}

function isRight(one: SeenRoleMembership, login: string, right: string): boolean {
  return one.member === login && one.role === right && one.optionsRight;
}

/** Leaves the login a member of its group only. */
export function membershipRepairs(target: PgUserTarget, seen: PgUserObservation): string[] {
  const revokes = revokeMemberships(wrongMemberships(target, seen), seen.versionNumber);
  if (isInGroup(target, seen)) return revokes;
  return [...revokes, `GRANT ${ident(groupsOf(target).right)} TO ${ident(seen.login)}`];
}

/** What follows from a new level inside the database: a reader owns nothing and hands on nothing. */
export function levelStatements(target: PgUserTarget, login: string): readonly string[] {
  if (target.permissionLevel === 'write') return loginDefaultStatements(login, target.databaseId);
  const { read, write } = databaseRoles(target.databaseId);
  const defaults = `ALTER DEFAULT PRIVILEGES FOR ROLE ${ident(login)} REVOKE ALL ON`;
  const groups = `FROM ${ident(read)}, ${ident(write)}`;
  return [
    `REASSIGN OWNED BY ${ident(login)} TO ${ident(write)}`,
    ...['TABLES', 'SEQUENCES', 'SCHEMAS'].map((objects) => `${defaults} ${objects} ${groups}`),
  ];
}
