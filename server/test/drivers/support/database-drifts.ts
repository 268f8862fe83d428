/** What hands can do to a managed database behind our back. */
import { databaseRoles } from '../../../src/domain/database.ts';
import type { Drift } from '../driver-law.ts';
import { run } from './cluster-access.ts';
import type { Strangers } from './strangers.ts';
import type { Tenant, TenantUser } from './tenant.ts';

export interface People {
  readonly writer: TenantUser;
  readonly reader: TenantUser;
  readonly strangers: Strangers;
}

export function databaseDrifts(dsn: string, tenant: Tenant, people: People): Drift[] {
  const outside = (name: string, ...statements: string[]): Drift => ({
    name,
    make: async () => void (await run(dsn, {}, ...statements)),
  });
  const inside = (name: string, ...statements: string[]): Drift => ({
    name,
    make: async () => void (await run(dsn, { database: tenant.name }, ...statements)),
  });
  const words = { ...databaseRoles(tenant.id), db: tenant.name, ...people };
  return [
    ...databaseSideDrifts(outside, words),
    ...roleDrifts(outside, words),
    ...objectDrifts(inside, words),
    ...defaultDrifts(inside, words),
  ];
}

type Make = (name: string, ...statements: string[]) => Drift;
type Words = People & { owner: string; read: string; write: string; db: string };

function databaseSideDrifts(outside: Make, { db, read, write, reader, strangers }: Words): Drift[] {
  return [
    outside('PUBLIC may connect', `GRANT CONNECT ON DATABASE ${db} TO PUBLIC`),
    outside('readers may make temporary tables', `GRANT TEMPORARY ON DATABASE ${db} TO ${read}`),
    outside('writers may not', `REVOKE TEMPORARY, CREATE ON DATABASE ${db} FROM ${write}`),
    outside('a login holds a right directly', `GRANT CREATE ON DATABASE ${db} TO ${reader.login}`),
    outside(
      'a stranger may hand on',
      `GRANT CONNECT ON DATABASE ${db} TO ${strangers.one} WITH GRANT OPTION`,
      `SET ROLE ${strangers.one}`,
      `GRANT CONNECT ON DATABASE ${db} TO ${strangers.two}`,
    ),
    outside('writers may hand on', `GRANT CONNECT ON DATABASE ${db} TO ${write} WITH GRANT OPTION`),
    outside('another owner', `ALTER DATABASE ${db} OWNER TO ${strangers.one}`),
    outside('writers own it', `ALTER DATABASE ${db} OWNER TO ${write}`),
    outside('another limit', `ALTER DATABASE ${db} CONNECTION LIMIT 7`),
    outside('closed', `ALTER DATABASE ${db} ALLOW_CONNECTIONS false`),
    outside('a template', `ALTER DATABASE ${db} IS_TEMPLATE true`),
    {
      ...outside(
        'another name',
        `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '${db}'`,
        `ALTER DATABASE ${db} RENAME TO ${db}_renamed`,
      ),
      alone: true,
    },
    outside('a setting for all', `ALTER DATABASE ${db} SET work_mem = '1GB'`),
  ];
}

function roleDrifts(outside: Make, { db, owner, read, write, writer, reader, strangers }: Words): Drift[] {
  return [
    outside('a group may log in', `ALTER ROLE ${write} LOGIN CREATEDB CONNECTION LIMIT 3`),
    outside('a group is superuser', `ALTER ROLE ${read} SUPERUSER`),
    outside('a group has settings', `ALTER ROLE ${write} SET work_mem = '1GB'`),
    outside('a group has settings here', `ALTER ROLE ${read} IN DATABASE ${db} SET work_mem = '1GB'`),
    outside('a stranger becomes the owner', `GRANT ${owner} TO ${strangers.one}`),
    outside('a writer becomes the owner', `GRANT ${owner} TO ${writer.login}`),
    outside(
      'a stranger writes, and lets in another',
      `GRANT ${write} TO ${strangers.one} WITH ADMIN OPTION`,
      `SET ROLE ${strangers.one}`,
      `GRANT ${write} TO ${strangers.two}`,
    ),
    outside('readers are writers', `GRANT ${write} TO ${read}`),
    outside('readers read everything', `GRANT pg_read_all_data TO ${read}`),
    outside('a login is shut out', `ALTER ROLE ${reader.login} NOLOGIN`),
  ];
}

function objectDrifts(inside: Make, { read, write, reader, strangers }: Words): Drift[] {
  return [
    inside('PUBLIC uses public', 'GRANT USAGE, CREATE ON SCHEMA public TO PUBLIC'),
    inside('readers make tables', `GRANT CREATE ON SCHEMA public, inner_room TO ${read}`),
    inside('readers see no schema', `REVOKE USAGE ON SCHEMA public, inner_room FROM ${read}`),
    inside('writers lost public', `REVOKE ALL ON SCHEMA public FROM ${write}`),
    inside('PUBLIC reads a table', 'GRANT SELECT ON things, words, kept_words TO PUBLIC'),
    inside('readers write', `GRANT INSERT, UPDATE ON things, inner_room.parts, own_things TO ${read}`),
    inside('readers lost a table', `REVOKE SELECT ON things, inner_room.parts_old, words FROM ${read}`),
    inside('readers may hand on', `GRANT SELECT ON things TO ${read} WITH GRANT OPTION`),
    inside(
      'readers hand on',
      `GRANT SELECT ON things TO ${read} WITH GRANT OPTION`,
      `SET ROLE ${read}`,
      `GRANT SELECT ON things TO ${strangers.one}`,
    ),
    inside('writers lost their own table', `REVOKE INSERT, TRUNCATE ON things FROM ${write}`),
    inside('writers lost a table of a login', `REVOKE ALL ON own_things, own_room.things FROM ${write}`),
    inside('a login holds a right', `GRANT ALL ON things, own_room.things TO ${reader.login}`),
    inside('readers count', `GRANT USAGE ON SEQUENCE inner_room.counter, things_id_seq TO ${read}`),
    inside('writers cannot count', `REVOKE ALL ON SEQUENCE own_room.counter FROM ${write}`),
    inside('a column for PUBLIC', 'GRANT SELECT (word), UPDATE (id) ON things TO PUBLIC'),
    inside('a column for readers', `GRANT UPDATE (word) ON things TO ${read}`),
    inside('large objects for PUBLIC', 'GRANT EXECUTE ON FUNCTION lo_create(oid), lo_unlink(oid) TO PUBLIC'),
    inside('large objects for readers', `GRANT EXECUTE ON FUNCTION lo_put(oid, bigint, bytea) TO ${read}`),
    inside('no large objects for writers', `REVOKE EXECUTE ON FUNCTION lo_creat(int) FROM ${write}`),
    inside('readers own a table', `ALTER TABLE things OWNER TO ${read}`),
    inside('a reader owns a schema', `ALTER SCHEMA inner_room OWNER TO ${reader.login}`),
    inside('a sequence of the reader', `ALTER SEQUENCE inner_room.counter OWNER TO ${reader.login}`),
    inside('an extension is gone', 'DROP EXTENSION "uuid-ossp"'),
  ];
}

function defaultDrifts(inside: Make, { read, write, writer, reader, strangers }: Words): Drift[] {
  const of = (role: string): string => `ALTER DEFAULT PRIVILEGES FOR ROLE ${role}`;
  return [
    inside('new tables not for readers', `${of(write)} REVOKE SELECT ON TABLES FROM ${read}`),
    inside('new tables for PUBLIC', `${of(write)} GRANT SELECT ON TABLES TO PUBLIC`),
    inside('new tables of a login not for writers', `${of(writer.login)} REVOKE ALL ON TABLES FROM ${write}`),
    inside('readers write new tables', `${of(writer.login)} GRANT INSERT ON TABLES TO ${read}`),
    inside('in one schema', `${of(write)} IN SCHEMA public GRANT ALL ON SEQUENCES TO ${read}`),
    inside('new schemas', `${of(write)} REVOKE USAGE ON SCHEMAS FROM ${read}`),
    inside('a reader gives', `${of(reader.login)} GRANT SELECT ON TABLES TO PUBLIC`),
    inside('a stranger gives', `${of(strangers.one)} GRANT SELECT ON TABLES TO ${read}`),
  ];
}
