/** Tenants of one cluster see nothing of each other, and do no more than their level says: pgweb contract 7. */
import { beforeAll, describe, expect, test } from 'vitest';
import { databaseRoles } from '../../src/domain/database.ts';
import { clusterDriver } from '../../src/drivers/postgres/cluster-driver.ts';
import { failureCode, run } from './support/cluster-access.ts';
import { startOwnCluster } from './support/own-cluster.ts';
import { reconcile } from './support/reconcile.ts';
import { driverSuite, type PeopledTenant } from './support/suite.ts';
import type { TenantUser } from './support/tenant.ts';

const REFUSED = '42501';
const suite = driverSuite(startOwnCluster);
const tenants: PeopledTenant[] = [];

beforeAll(async () => {
  for (let number = 0; number < 3; number++) {
    const tenant = await suite.tenant();
    await run(suite.dsn, tenant.as(tenant.writer), 'CREATE TABLE before (id serial, word text)');
    tenants.push(tenant);
  }
  await reconcile(clusterDriver(suite.pool), { id: 'cluster', desired: 'active' });
});

const everybody = (): [PeopledTenant, TenantUser][] =>
  tenants.flatMap((tenant) => tenant.users.map((user): [PeopledTenant, TenantUser] => [tenant, user]));

describe('every pair of tenants', () => {
  test('no login comes into a database of somebody else, of the cluster or of Postgres', async () => {
    for (const [tenant, user] of everybody()) {
      const others = [...tenants.map((one) => one.name), 'postgres', 'template1', 'template0'];
      for (const database of others.filter((name) => name !== tenant.name)) {
        const enter = run(suite.dsn, { ...tenant.as(user), database }, 'SELECT 1');
        expect(await failureCode(enter), `${user.login} in ${database}`).toMatch(/^(42501|55000)$/);
      }
    }
  });

  test('no login is or can become another role than its own group', async () => {
    const roles = `SELECT r.rolname AS name FROM pg_roles r WHERE pg_has_role(session_user, r.oid, 'MEMBER')
      AND r.rolname <> session_user ORDER BY 1`;
    for (const [tenant, user] of everybody()) {
      const group = databaseRoles(tenant.id)[user.level];
      expect(await run(suite.dsn, tenant.as(user), roles)).toEqual([{ name: group }]);
      const foreign = tenants
        .filter((one) => one !== tenant)
        .flatMap((one) => Object.values(databaseRoles(one.id)));
      for (const role of [...foreign, databaseRoles(tenant.id).owner, 'postgres', 'pg_read_all_data']) {
        expect(await failureCode(run(suite.dsn, tenant.as(user), `SET ROLE ${role}`))).toBe(REFUSED);
      }
    }
  });

  test('no login holds a right on a database of somebody else', async () => {
    for (const [tenant, user] of everybody()) {
      const held = `SELECT datname AS name FROM pg_database,
        unnest(ARRAY['CONNECT', 'TEMPORARY', 'CREATE']) p
        WHERE has_database_privilege(session_user, oid, p) AND datname <> current_database()`;
      expect(await run(suite.dsn, tenant.as(user), held)).toEqual([]);
    }
  });
});

describe('level', () => {
  const REFUSED_TO_READERS = [
    `INSERT INTO before (word) VALUES ('x')`,
    'UPDATE before SET word = NULL',
    'DELETE FROM before',
    'TRUNCATE before',
    'CREATE TABLE mine ()',
    'CREATE TEMPORARY TABLE mine ()',
    'CREATE SCHEMA mine',
    'CREATE FUNCTION public.f () RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
    `SELECT nextval('before_id_seq')`,
    `SELECT setval('before_id_seq', 9)`,
    'SELECT lo_create(0)',
    'SELECT lo_creat(0)',
    `SELECT lo_from_bytea(0, 'x')`,
    'CREATE EXTENSION citext',
    'DROP TABLE before',
    'ALTER TABLE before ADD COLUMN more int',
  ];
  const REFUSED_TO_ALL = (name: string, group: string, login: string): string[] => [
    `ALTER DATABASE ${name} CONNECTION LIMIT 1`,
    `ALTER DATABASE ${name} SET work_mem = '1GB'`,
    `ALTER DATABASE ${name} RENAME TO mine`,
    `DROP DATABASE ${name}`,
    `CREATE DATABASE mine`,
    'CREATE ROLE mine',
    `GRANT ${group} TO postgres`,
    `ALTER ROLE ${login} SUPERUSER`,
    `ALTER ROLE ${login} CONNECTION LIMIT 100`,
    'DROP SCHEMA public',
    'ALTER SYSTEM SET work_mem = 1',
    `COPY (SELECT 1) TO '/tmp/never'`,
    `SELECT pg_read_file('PG_VERSION')`,
    `SELECT lo_import('PG_VERSION')`,
    'SELECT rolpassword FROM pg_authid',
    'CREATE EXTENSION file_fdw',
  ];

  test('a reader reads everything, made before and after it, and changes nothing', async () => {
    for (const tenant of tenants) {
      const reader = tenant.as(tenant.reader);
      await run(
        suite.dsn,
        tenant.as(tenant.writer),
        'CREATE SCHEMA later',
        'CREATE TABLE later.after (id serial)',
        'SET ROLE NONE',
        'CREATE TABLE later.own (id serial)',
      );
      for (const query of [
        'TABLE before',
        'TABLE later.after',
        'TABLE later.own',
        'TABLE later.own_id_seq',
      ]) {
        expect(await failureCode(run(suite.dsn, reader, query)), query).toBeUndefined();
      }
      for (const statement of REFUSED_TO_READERS) {
        expect(await failureCode(run(suite.dsn, reader, statement)), statement).toBe(REFUSED);
      }
    }
  });

  test('a writer does all that belongs to writing', async () => {
    const [tenant] = tenants;
    if (tenant === undefined) throw new Error('no tenant');
    const statements = [
      `INSERT INTO before (word) VALUES ('x')`,
      'CREATE TEMPORARY TABLE short (id int)',
      'CREATE EXTENSION citext',
      'CREATE SCHEMA work',
      'CREATE TABLE work.things (id int GENERATED ALWAYS AS IDENTITY, word citext)',
      'SELECT lo_create(0)',
      'DROP SCHEMA work CASCADE',
    ];
    expect(await failureCode(run(suite.dsn, tenant.as(tenant.writer), ...statements))).toBeUndefined();
    expect(await tenant.reconcile('active')).toEqual([]);
  });

  test('nobody changes the database, its limits, its roles or the server', async () => {
    for (const [tenant, user] of everybody()) {
      const group = databaseRoles(tenant.id)[user.level];
      for (const role of [[], ['SET ROLE NONE']]) {
        for (const statement of REFUSED_TO_ALL(tenant.name, group, user.login)) {
          const answer = await failureCode(run(suite.dsn, tenant.as(user), ...role, statement));
          expect(answer, `${user.login}: ${statement}`).toMatch(/^(42501|0LP01)$/);
        }
      }
    }
  });

  test('default limits of a session are there, and the session may change them', async () => {
    const [tenant] = tenants;
    if (tenant === undefined) throw new Error('no tenant');
    const show = `SELECT current_setting('statement_timeout') AS statement,
      current_setting('idle_in_transaction_session_timeout') AS idle, current_user::text AS role`;
    const role = databaseRoles(tenant.id).write;
    const [row] = await run(suite.dsn, tenant.as(tenant.writer), show);
    expect(row).toEqual({ statement: '2min', idle: '10min', role });
    const [changed] = await run(suite.dsn, tenant.as(tenant.writer), 'SET statement_timeout = 0', show);
    expect(changed).toMatchObject({ statement: '0' });
  });
});
