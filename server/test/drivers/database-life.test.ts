/** What people can rely on in the life of a database: pgweb contract 4.1, 4.3, 4.5, 4.6 and 7. */
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { describe, expect, test } from 'vitest';
import { databaseRoles } from '../../src/domain/database.ts';
import { ClusterPool } from '../../src/drivers/postgres/cluster-pool.ts';
import { databaseDriver, databaseStatus } from '../../src/drivers/postgres/database-driver.ts';
import { connect, dsnFor, failureCode, run } from './support/cluster-access.ts';
import { reconcile, reconcileUntilStep } from './support/reconcile.ts';
import { Strangers } from './support/strangers.ts';
import { driverSuite } from './support/suite.ts';
import type { Tenant } from './support/tenant.ts';

const SESSION_ENDED = '57P01';
const CLOSED = '55000';
const suite = driverSuite();
const driver = () => databaseDriver(suite.pool);

async function databaseExists(name: string): Promise<boolean> {
  return (await run(suite.dsn, {}, `SELECT FROM pg_database WHERE datname = '${name}'`)).length > 0;
}

async function groupsLeft(tenant: Tenant): Promise<number> {
  const names = Object.values(databaseRoles(tenant.id)).map((role) => `'${role}'`);
  return (await run(suite.dsn, {}, `SELECT FROM pg_roles WHERE rolname IN (${names.join(', ')})`)).length;
}

describe('name', () => {
  const hex = () => randomBytes(8).toString('hex');
  test.each([`9${hex()}`, `1-${hex()}_b`, `${hex()}${'-b_'.repeat(20)}`.slice(0, 62).concat('z')])(
    '%s works',
    async (name) => {
      const tenant = Object.assign(suite.unborn(), { name });
      await tenant.reconcile('active');
      const user = await tenant.addUser('write');
      const [row] = await run<{ name: string }>(
        suite.dsn,
        tenant.as(user),
        'SELECT current_database() AS name',
      );
      expect(row?.name).toBe(name);
    },
  );

  test('of somebody else is refused before anything is made, and never removed', async () => {
    const tenant = suite.unborn();
    await run(suite.dsn, {}, `CREATE DATABASE ${tenant.name}`);
    await expect(reconcile(driver(), tenant.target('active'))).rejects.toMatchObject({
      code: 'database.name-taken',
    });
    expect(await groupsLeft(tenant)).toBe(0);
    expect(await reconcile(driver(), tenant.target('absent'))).toEqual({ observation: null, steps: [] });
    expect(await databaseExists(tenant.name)).toBe(true);
    await run(suite.dsn, {}, `DROP DATABASE ${tenant.name}`);
  });

  test('that somebody takes in the last moment is refused, and the undo leaves it alone', async () => {
    const tenant = suite.unborn();
    const steps = driver().plan(tenant.target('active'), null);
    await run(suite.dsn, {}, `CREATE DATABASE ${tenant.name}`);
    const apply = async (): Promise<void> => {
      for (const step of steps) await driver().apply(tenant.target('active'), step, suite.signal);
    };
    await expect(apply()).rejects.toMatchObject({ code: 'database.name-taken' });
    expect((await reconcile(driver(), tenant.target('absent'))).steps).toEqual(['drop-roles']);
    expect(await databaseExists(tenant.name)).toBe(true);
    expect(await groupsLeft(tenant)).toBe(0);
    await run(suite.dsn, {}, `DROP DATABASE ${tenant.name}`);
  });
});

test('databases are made side by side', async () => {
  const tenants = Array.from({ length: 8 }, () => suite.unborn());
  await Promise.all(tenants.map((tenant) => tenant.reconcile('active')));
  const names = tenants.map((tenant) => databaseExists(tenant.name));
  expect(await Promise.all(names)).toEqual(tenants.map(() => true));
});

test('a creation is right at the first try', async () => {
  const tenant = suite.unborn();
  const steps = ['create-groups', 'create-database', 'open-database', 'prepare-schema', 'install-extensions'];
  expect(await tenant.reconcile('active')).toEqual(steps);
  await tenant.addUser('write');
  await tenant.addUser('read');
  expect(await tenant.reconcile('active')).toEqual([]);
});

test('nobody can come in before the database is finished', async () => {
  const tenant = suite.unborn();
  const strangers = await Strangers.make(suite.dsn);
  const enter = { database: tenant.name, user: strangers.one, password: strangers.password };
  const answers: (string | undefined)[] = [];
  await reconcile(driver(), tenant.target('active'), async (_step, apply) => {
    await apply();
    answers.push(await failureCode(run(suite.dsn, enter, 'SELECT 1')));
  });
  expect(answers).toEqual(['3D000', CLOSED, '42501', '42501', '42501']);
  tenant.settled = true;
  await strangers.drop();
});

test('extensions come as far as the cluster offers them, and stand in the status', async () => {
  const tenant = suite.unborn();
  const { observation } = await reconcile(driver(), tenant.target('active'));
  tenant.settled = true;
  if (observation === null) throw new Error('an active database is not seen');
  const status = databaseStatus(observation, null, '2030-01-01T00:00:00Z');
  expect(status).toMatchObject({ open: true, extensions: ['uuid-ossp'], connections: 0 });
  expect(status.sizeBytes).toBeGreaterThan(1_000_000);
  const closed = await reconcile(driver(), tenant.target('suspended'));
  if (closed.observation === null) throw new Error('a suspended database is not seen');
  const later = databaseStatus(closed.observation, status, '2030-01-02T00:00:00Z');
  expect(later).toMatchObject({ open: false, extensions: ['uuid-ossp'] });
});

test('our own sessions find nothing that a tenant made', async () => {
  const tenant = await suite.tenant();
  const [row] = await suite.pool
    .inside(tenant.name)
    .query<{ path: string }>(`SELECT current_setting('search_path') AS path`, [], suite.signal);
  expect(row?.path).toBe('pg_catalog');
});

describe('soft delete', () => {
  test('ends running queries, lets nobody in, keeps the data, and can be taken back', async () => {
    const tenant = await suite.tenant();
    const { writer, reader } = tenant;
    await run(suite.dsn, tenant.as(writer), 'CREATE TABLE kept AS SELECT 42 AS answer');
    const session = await connect(suite.dsn, tenant.as(writer));
    const idle = await connect(suite.dsn, tenant.as(reader));
    const query = failureCode(session.query('SELECT pg_sleep(60)'));
    await tenant.reconcile('suspended');
    expect(await query).toBe(SESSION_ENDED);
    expect(await failureCode(idle.query('SELECT 1'))).toBeDefined();
    for (const user of [writer, reader]) {
      expect(await failureCode(run(suite.dsn, tenant.as(user), 'SELECT 1'))).toMatch(/^(28000|55000)$/);
    }
    expect(await failureCode(run(suite.dsn, { database: tenant.name }, 'SELECT 1'))).toBe(CLOSED);
    expect(await tenant.reconcile('suspended')).toEqual([]);

    await tenant.reconcile('active');
    const rows = await run<{ answer: number }>(suite.dsn, tenant.as(reader), 'SELECT answer FROM kept');
    expect(rows).toEqual([{ answer: 42 }]);
  });

  test.each([
    ['at once', 0],
    ['after a crash behind the closing', 1],
  ])('whoever makes its own start take long does not slip through, %s', async (_when, crashes) => {
    const tenant = await suite.tenant();
    const { href } = Object.assign(new URL(dsnFor(suite.dsn, tenant.as(tenant.writer))), {
      search: '?options=-c%20post_auth_delay%3D5',
    });
    const late = new Client({ connectionString: href });
    late.on('error', () => undefined);
    const entry = failureCode(late.connect().then(() => late.query('SELECT pg_sleep(1)')));
    await expect.poll(() => startingIn(tenant)).toBe(1);
    if (crashes) await reconcileUntilStep(driver(), tenant.target('suspended'), 0);
    expect(await tenant.reconcile('suspended')).toContain('end-sessions');
    expect(await startingIn(tenant)).toBe(0);
    expect(await entry).toBeDefined();
    await late.end();
  });

  async function startingIn(tenant: Tenant): Promise<number> {
    const rows = await run(
      suite.dsn,
      {},
      `SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.objid
       WHERE l.locktype = 'object' AND l.classid = 'pg_database'::regclass AND d.datname = '${tenant.name}'`,
    );
    return rows.length;
  }

  test('opened by hand it is closed again', async () => {
    const tenant = await suite.tenant();
    await tenant.reconcile('suspended');
    const open = `ALTER DATABASE ${tenant.name} WITH ALLOW_CONNECTIONS true CONNECTION LIMIT 9`;
    await run(suite.dsn, {}, open);
    await run(suite.dsn, {}, `ALTER ROLE ${tenant.writer.login} LOGIN`);
    const session = await connect(suite.dsn, tenant.as(tenant.writer));
    expect(await tenant.reconcile('suspended')).toEqual(['close-database', 'end-sessions']);
    expect(await failureCode(session.query('SELECT 1'))).toBeDefined();
  });

  test('a session that comes back again and again does not outlive it', async () => {
    const tenant = await suite.tenant();
    let stop = false;
    const stubborn = Array.from({ length: 4 }, async () => {
      for (let tries = 0; tries < 500 && !stop; tries++) {
        await failureCode(run(suite.dsn, tenant.as(tenant.writer), 'SELECT pg_sleep(0.01)'));
      }
    });
    await tenant.reconcile('suspended');
    const left = await run(suite.dsn, {}, `SELECT FROM pg_stat_activity WHERE datname = '${tenant.name}'`);
    stop = true;
    await Promise.all(stubborn);
    expect(left).toEqual([]);
  });
});

describe('purge', () => {
  test('drops the database with people inside, its groups and its logins, and nothing of a neighbour', async () => {
    const [tenant, neighbour] = [await suite.tenant(), await suite.tenant()];
    // By hand: the neighbour's login in our group. It is still the neighbour's.
    await run(suite.dsn, {}, `GRANT ${databaseRoles(tenant.id).write} TO ${neighbour.reader.login}`);
    const session = await connect(suite.dsn, tenant.as(tenant.writer));
    await tenant.reconcile('absent');
    expect(await failureCode(session.query('SELECT 1'))).toBeDefined();
    expect(await databaseExists(tenant.name)).toBe(false);
    expect(await groupsLeft(tenant)).toBe(0);
    const logins = `'${tenant.writer.login}', '${tenant.reader.login}'`;
    expect(await run(suite.dsn, {}, `SELECT FROM pg_roles WHERE rolname IN (${logins})`)).toEqual([]);
    const as = neighbour.as(neighbour.reader);
    expect(await failureCode(run(suite.dsn, as, 'SELECT 1'))).toBeUndefined();
    expect(await neighbour.reconcile('active')).toEqual([]);
  });

  test('finishes a drop that was interrupted', async () => {
    const tenant = await suite.tenant();
    await markHalfDropped(tenant);
    await expect(tenant.reconcile('active')).rejects.toMatchObject({ code: 'database.vanished' });
    await tenant.reconcile('absent');
    expect(await databaseExists(tenant.name)).toBe(false);
  });

  test('a creation begins again over a drop that was interrupted', async () => {
    const tenant = suite.unborn();
    await reconcileUntilStep(driver(), tenant.target('active'), 2);
    await markHalfDropped(tenant);
    const steps = await tenant.reconcile('active');
    expect(steps.slice(0, 2)).toEqual(['drop-database', 'create-database']);
  });

  /** What Postgres itself leaves when a DROP DATABASE dies in the middle. */
  async function markHalfDropped(tenant: Tenant): Promise<void> {
    const mark = `UPDATE pg_database SET datconnlimit = -2 WHERE datname = '${tenant.name}'`;
    await suite.pool.closeInside(tenant.name);
    await run(suite.dsn, {}, mark);
  }
});

describe('vanished', () => {
  test.each(['active', 'suspended'] as const)('%s: it is reported, never made anew', async (desired) => {
    const tenant = await suite.tenant();
    await tenant.reconcile(desired);
    await run(suite.dsn, {}, `DROP DATABASE ${tenant.name} WITH (FORCE)`);
    await expect(tenant.reconcile(desired)).rejects.toMatchObject({ code: 'database.vanished' });
    expect(await databaseExists(tenant.name)).toBe(false);
    await tenant.reconcile('absent');
    expect(await groupsLeft(tenant)).toBe(0);
  });

  test('another database under its name is not taken for it, nor dropped', async () => {
    const tenant = await suite.tenant();
    await run(suite.dsn, {}, `DROP DATABASE ${tenant.name} WITH (FORCE)`, `CREATE DATABASE ${tenant.name}`);
    await expect(tenant.reconcile('active')).rejects.toMatchObject({ code: 'database.vanished' });
    await tenant.reconcile('absent');
    expect(await groupsLeft(tenant)).toBe(0);
    expect(await databaseExists(tenant.name)).toBe(true);
    await run(suite.dsn, {}, `DROP DATABASE ${tenant.name}`);
  });
});

test('grants to roles of others inside the database stay, but do not reach ours', async () => {
  const tenant = await suite.tenant();
  const strangers = await Strangers.make(suite.dsn);
  await run(suite.dsn, tenant.as(tenant.writer), 'CREATE TABLE shared (id int)');
  await run(
    suite.dsn,
    { database: tenant.name },
    `GRANT USAGE ON SCHEMA public TO ${strangers.two}`,
    `GRANT SELECT ON shared TO ${strangers.two} WITH GRANT OPTION`,
    `SET ROLE ${strangers.two}`,
    'GRANT SELECT ON shared TO PUBLIC',
    `GRANT SELECT ON shared TO ${tenant.reader.login}`,
  );
  expect(await tenant.reconcile('active')).toEqual(['repair-privileges']);
  const [row] = await run<{ acl: string }>(
    suite.dsn,
    { database: tenant.name },
    `SELECT string_agg(grantee::regrole || ' ' || privilege_type || ' ' || is_grantable, ', ') AS acl
     FROM pg_class, aclexplode(relacl) WHERE oid = 'shared'::regclass AND grantee::regrole::text NOT LIKE 'by_%'`,
  );
  expect(row?.acl).toBe(`${strangers.two} SELECT false`);
  await run(suite.dsn, { database: tenant.name }, `DROP OWNED BY ${strangers.two}`);
  await strangers.drop();
});

test('a call that is called off answers at once, and the pool goes on', async () => {
  const pool = new ClusterPool({ dsn: suite.dsn, maxConnections: 1 });
  const off = new AbortController();
  const sleep = pool.admin.query('SELECT pg_sleep(60)', [], off.signal);
  const reason = new Error('called off');
  off.abort(reason);
  await expect(sleep).rejects.toBe(reason);
  expect(await pool.admin.query('SELECT 1 AS one', [], suite.signal)).toEqual([{ one: 1 }]);
  await pool.end();
});
