/** The fixed part of pgweb contract 4.1: who holds what on a managed database and on a new `public`. */
import { databaseRoles } from '../../domain/database.ts';
import { ident } from './quote.ts';

/** Functions that make or change large objects; `lo_import` and `lo_export` are the superuser's already. */
export const LARGE_OBJECT_FUNCTIONS: readonly string[] = [
  'pg_catalog.lo_create(oid)',
  'pg_catalog.lo_creat(integer)',
  'pg_catalog.lo_from_bytea(oid,bytea)',
  'pg_catalog.lo_put(oid,bigint,bytea)',
  'pg_catalog.lo_unlink(oid)',
  'pg_catalog.lowrite(integer,bytea)',
  'pg_catalog.lo_truncate(integer,integer)',
  'pg_catalog.lo_truncate64(integer,bigint)',
];

/** Attributes of the three group roles. */
export const GROUP_ATTRIBUTES =
  'NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE INHERIT NOREPLICATION NOBYPASSRLS CONNECTION LIMIT -1';

/** Privileges on the database itself, by role; the owner's own come with ownership. */
export function databasePrivileges(databaseId: string): ReadonlyMap<string, readonly string[]> {
  const roles = databaseRoles(databaseId);
  return new Map([
    [roles.read, ['CONNECT']],
    [roles.write, ['CONNECT', 'TEMPORARY', 'CREATE']],
  ]);
}

/** Statements that bring a new, empty database to the contract. */
export function freshSchemaStatements(databaseId: string): readonly string[] {
  const roles = databaseRoles(databaseId);
  const [read, write] = [ident(roles.read), ident(roles.write)];
  const functions = LARGE_OBJECT_FUNCTIONS.join(', ');
  return [
    'REVOKE ALL ON SCHEMA public FROM PUBLIC CASCADE',
    `GRANT USAGE, CREATE ON SCHEMA public TO ${write}`,
    `GRANT USAGE ON SCHEMA public TO ${read}`,
    `REVOKE EXECUTE ON FUNCTION ${functions} FROM PUBLIC CASCADE`,
    `GRANT EXECUTE ON FUNCTION ${functions} TO ${write}`,
    ...readDefaults(roles.write, read),
  ];
}

/** Default privileges for what a write login makes after SET ROLE NONE. */
export function loginDefaultStatements(login: string, databaseId: string): readonly string[] {
  const roles = databaseRoles(databaseId);
  const toWrite = ['TABLES', 'SEQUENCES', 'SCHEMAS'].map(
    (objects) => `${defaultsOf(login)} GRANT ALL ON ${objects} TO ${ident(roles.write)}`,
  );
  return [...toWrite, ...readDefaults(login, ident(roles.read))];
}

function readDefaults(creator: string, read: string): readonly string[] {
  return [
    `${defaultsOf(creator)} GRANT SELECT ON TABLES TO ${read}`,
    `${defaultsOf(creator)} GRANT SELECT ON SEQUENCES TO ${read}`,
    `${defaultsOf(creator)} GRANT USAGE ON SCHEMAS TO ${read}`,
  ];
}

function defaultsOf(creator: string): string {
  return `ALTER DEFAULT PRIVILEGES FOR ROLE ${ident(creator)}`;
}
