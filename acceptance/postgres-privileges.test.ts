/** What logins may and may not do, tried with psql and pgbench: pgweb contract 4.1 and 7, points 6 to 15. */
import { beforeAll, describe, expect, test } from 'vitest';
import { as, failure, groupRoles, quote, superuser } from './support/cluster.ts';
import { createPerson, type Person, uniqueName } from './support/people.ts';
import { useProduct } from './support/product.ts';
import { canRunWith, type Finished, runProgram } from './support/program.ts';
import { createDatabase, createPgUser } from './support/resources.ts';
import type { CreatedPgUser, Database, Login } from './support/wire.ts';

const suite = describe.runIf(canRunWith('postgres-privileges', 'psql', 'pgbench'));

/** Runs SQL as people do, through the connection string that the API handed out. */
function psql(uri: string, sql: string): Promise<Finished> {
  return runProgram('psql', ['--no-psqlrc', '-v', 'ON_ERROR_STOP=1', '-At', '-c', sql, uri]);
}

async function works(uri: string, sql: string): Promise<string> {
  const { code, stdout, output } = await psql(uri, sql);
  expect(code, `${sql}: ${output}`).toBe(0);
  return stdout.trim();
}

/** Expects that the server refuses the statement, not that psql could not get there. */
async function refused(uri: string, sql: string, why: RegExp): Promise<void> {
  const { code, stderr } = await psql(uri, sql);
  expect({ sql, code }).not.toEqual({ sql, code: 0 });
  expect(stderr, sql).toMatch(why);
}

const denied =
  /permission denied|must be (?:owner|superuser|able to)|Only roles with|only (?:superuser|role)/i;

suite('through the connection string', () => {
  const product = useProduct();
  let alice: Person;
  let bob: Person;
  let database: Database;
  let writer: CreatedPgUser;
  let reader: CreatedPgUser;
  let neighbour: { database: Database; writer: CreatedPgUser; reader: CreatedPgUser };

  beforeAll(async () => {
    alice = await createPerson(product(), 'alice');
    bob = await createPerson(product(), 'bob');
    database = await createDatabase(alice.api);
    writer = await createPgUser(alice.api, database.database_id, 'write');
    reader = await createPgUser(alice.api, database.database_id, 'read');
    const other = await createDatabase(bob.api);
    neighbour = {
      database: other,
      writer: await createPgUser(bob.api, other.database_id, 'write'),
      reader: await createPgUser(bob.api, other.database_id, 'read'),
    };
    await works(writer.connection.uri, 'create table early (id serial primary key, note text)');
    await works(writer.connection.uri, `insert into early (note) values ('one')`);
  });

  test('pgbench loads and runs as a write user, and reads as a read user', async () => {
    const bench = (...args: string[]) => runProgram('pgbench', args, { timeoutMs: 110_000 });
    const load = await bench('-i', '-s', '10', '-q', writer.connection.uri);
    expect(load.code, load.output).toBe(0);
    const mixed = await bench('-c', '2', '-j', '2', '-T', '2', writer.connection.uri);
    expect(mixed.code, mixed.output).toBe(0);
    expect(mixed.stdout).toMatch(/number of failed transactions: 0 /);
    const select = await bench('-n', '-S', '-c', '2', '-j', '2', '-T', '2', reader.connection.uri);
    expect(select.code, select.output).toBe(0);
    expect(select.stdout).toMatch(/number of failed transactions: 0 /);
    expect(await works(reader.connection.uri, 'select count(*) from pgbench_accounts')).toBe('1000000');
    const asReader = await bench('-n', '-T', '1', reader.connection.uri);
    expect(asReader.code).not.toBe(0);
    expect(asReader.stderr).toMatch(/permission denied for table pgbench_/);
  });

  test('a read user sees what is made before and after it, in every schema', async () => {
    const { uri } = writer.connection;
    await works(
      uri,
      'create schema later; create table later.made (id int); insert into later.made values (7)',
    );
    await works(uri, 'create view later.shown as select * from later.made; create sequence later.counter');
    await works(uri, 'create materialized view later.kept as select * from later.made');
    await works(uri, 'create table parted (id int) partition by range (id)');
    await works(uri, 'create table parted_1 partition of parted for values from (0) to (10)');
    const young = await createPgUser(alice.api, database.database_id, 'read');
    await works(uri, 'create table after_both (id int); insert into after_both values (8)');
    for (const { connection } of [reader, young]) {
      expect(await works(connection.uri, 'select note from early')).toBe('one');
      for (const relation of ['later.made', 'later.shown', 'later.kept']) {
        expect(await works(connection.uri, `select id from ${relation}`)).toMatch(/^7?$/);
      }
      expect(await works(connection.uri, 'select id from after_both')).toBe('8');
      expect(await works(connection.uri, 'select count(*) from parted')).toBe('0');
      expect(await works(connection.uri, 'select last_value from later.counter')).toBe('1');
    }
  });

  test('a read user sees what a write user makes as itself, without its group', async () => {
    await works(
      writer.connection.uri,
      'reset role; set role none; create table bare (id int); create schema bare_schema; create table bare_schema.deep (id int)',
    );
    expect(await works(reader.connection.uri, 'select count(*) from bare')).toBe('0');
    expect(await works(reader.connection.uri, 'select count(*) from bare_schema.deep')).toBe('0');
    const colleague = await createPgUser(alice.api, database.database_id, 'write');
    await works(
      colleague.connection.uri,
      'insert into bare values (1); insert into bare_schema.deep values (1)',
    );
  });

  test('a read user changes nothing', async () => {
    const { write, owner } = groupRoles(database.database_id);
    const statements = [
      `insert into early (note) values ('x')`,
      `update early set note = 'x'`,
      'delete from early',
      'truncate early',
      'alter table early add column more text',
      'drop table early',
      'create index on early (note)',
      'create table mine (id int)',
      'create table public.mine (id int)',
      'create temporary table mine (id int)',
      'create schema mine',
      'create view mine as select 1',
      'create function mine() returns int language sql as $$ select 1 $$',
      `select nextval('early_id_seq')`,
      `select setval('early_id_seq', 99)`,
      'select lo_create(0)',
      'select lo_creat(-1)',
      `select lo_from_bytea(0, '\\x00')`,
      'create extension citext',
      'create extension hstore',
      `set role ${quote(write)}`,
      `set role ${quote(owner)}`,
      `set session authorization ${quote(writer.connection.user)}`,
      `grant ${quote(write)} to ${quote(reader.connection.user)}`,
      `copy early from program 'true'`,
      `copy early to '/tmp/early'`,
      `select pg_read_file('postgresql.conf')`,
      'comment on table early is null',
      'begin; lock table early in exclusive mode',
    ];
    for (const sql of statements) await refused(reader.connection.uri, sql, denied);
    expect(await works(reader.connection.uri, 'select note from early')).toBe('one');
  });

  test('a write user cannot touch the database itself, roles, or the server', async () => {
    const name = quote(database.pg_database_name);
    const { read, write, owner } = groupRoles(database.database_id);
    const login = quote(writer.connection.user);
    const before = await clusterState();
    const statements = [
      `alter database ${name} connection limit 1000`,
      `alter database ${name} set work_mem = '1GB'`,
      `alter database ${name} rename to ${quote(uniqueName('stolen'))}`,
      `alter database ${name} owner to ${login}`,
      `alter database ${name} allow_connections false`,
      `drop database ${quote(neighbour.database.pg_database_name)}`,
      `create database ${quote(uniqueName('mine'))}`,
      `create role ${quote(uniqueName('mine'))} login`,
      `drop role ${quote(reader.connection.user)}`,
      `alter role ${quote(reader.connection.user)} password 'x'`,
      `alter role ${login} superuser`,
      `alter role ${login} createrole`,
      `alter role ${login} connection limit 1000`,
      `alter role ${quote(write)} login`,
      `alter role ${quote(read)} login`,
      `grant ${quote(write)} to ${quote(reader.connection.user)}`,
      `grant ${quote(write)} to ${quote(neighbour.writer.connection.user)}`,
      `grant ${quote(read)} to ${quote(neighbour.reader.connection.user)}`,
      `grant pg_read_all_data to ${login}`,
      `revoke ${quote(read)} from ${quote(reader.connection.user)}`,
      `set role ${quote(owner)}`,
      `set role postgres`,
      `set session authorization postgres`,
      `alter schema public owner to ${login}`,
      'drop schema public',
      'alter system set work_mem = 1',
      'create extension file_fdw',
      'create language plpython3u',
      `copy early from program 'true'`,
      `select pg_read_file('postgresql.conf')`,
      'select pg_reload_conf()',
      'select * from pg_authid',
      `create tablespace mine location '/tmp'`,
      'checkpoint',
      'create subscription s connection $$host=127.0.0.1$$ publication p',
      `update pg_database set datconnlimit = -1`,
    ];
    for (const sql of statements)
      await refused(writer.connection.uri, sql, new RegExp(`${denied.source}|is not available`, 'i'));
    await psql(writer.connection.uri, `grant connect, create on database ${name} to public`);
    await psql(
      writer.connection.uri,
      `grant connect on database ${name} to ${quote(neighbour.writer.connection.user)}`,
    );
    await psql(writer.connection.uri, `grant usage on schema public to public`);
    expect(await clusterState()).toEqual(before);
  });

  /** What only Backyard may change: databases, their privileges and settings, roles, memberships. */
  async function clusterState(): Promise<unknown> {
    const queries = [
      'select datname, datdba, datconnlimit, datallowconn, datacl::text from pg_database order by 1',
      'select rolname, rolsuper, rolcanlogin, rolcreaterole, rolcreatedb, rolconnlimit from pg_roles order by 1',
      'select roleid::regrole::text as r, member::regrole::text as m, admin_option from pg_auth_members order by 1, 2',
      `select nspname, nspowner::regrole::text as owner, nspacl::text from pg_namespace where nspname = 'public'`,
    ];
    return Promise.all(queries.map((query) => superuser(product(), query, [], database.pg_database_name)));
  }

  test('a write user may do what its level says', async () => {
    const { uri } = writer.connection;
    await works(uri, 'create extension citext; create table words (word citext)');
    await works(
      uri,
      'create schema mine; create function mine.one() returns int language sql as $$ select 1 $$',
    );
    await works(uri, `create temporary table short (id int); select lo_from_bytea(0, '\\x00')`);
    await works(uri, "create type mood as enum ('ok'); create domain positive as int check (value > 0)");
    const colleague = await createPgUser(alice.api, database.database_id, 'write');
    await works(
      colleague.connection.uri,
      'alter table words add column more text; drop function mine.one(); drop table words',
    );
  });

  test('a login is turned away by every other database of the cluster', async () => {
    const all = await superuser(product(), 'select datname as name from pg_database');
    const names = all.map((row) => String(row.name)).filter((name) => name !== database.pg_database_name);
    expect(names).toEqual(
      expect.arrayContaining(['postgres', 'template1', neighbour.database.pg_database_name]),
    );
    expect(names.length).toBeGreaterThan(3);
    for (const login of [writer.connection, reader.connection]) {
      for (const name of names) {
        const { code, stderr } = await psql(elsewhere(login, name), 'select 1');
        expect({ name, code }).toEqual({ name, code: 2 });
        expect(stderr).toMatch(/permission denied for database|not currently accepting connections/);
      }
    }
  });

  function elsewhere({ uri, database: own }: Login, name: string): string {
    return uri.replace(`/${own}?`, `/${name}?`);
  }

  test('nobody sees the queries or ends the sessions of a neighbour', async () => {
    await as(neighbour.writer.connection, async (client) => {
      const secret = `select 'a query of the neighbour'`;
      await client.query(secret);
      const seen = await works(
        writer.connection.uri,
        `select query from pg_stat_activity where usename = '${neighbour.writer.connection.user}'`,
      );
      expect(seen).toBe('<insufficient privilege>');
      const end = `select pg_terminate_backend(pid) from pg_stat_activity where usename = '${neighbour.writer.connection.user}'`;
      await as(writer.connection, async (own) => expect(await failure(own, end)).toBe('42501'));
      await client.query('select 1');
    });
  });
});
