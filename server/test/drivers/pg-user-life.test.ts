/** What people can rely on in the life of a login: pgweb contract 4.1, 4.4, 4.5, 6 and 7. */
import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { databaseRoles } from '../../src/domain/database.ts';
import { databaseDriver } from '../../src/drivers/postgres/database-driver.ts';
import { pgUserDriver } from '../../src/drivers/postgres/pg-user-driver.ts';
import { scramVerifier } from '../../src/kernel/scram.ts';
import { connect, failureCode, run } from './support/cluster-access.ts';
import { reconcile } from './support/reconcile.ts';
import { driverSuite } from './support/suite.ts';
import { newUser, type TenantUser } from './support/tenant.ts';

const WRONG_PASSWORD = '28P01';
const SESSION_ENDED = '57P01';
const suite = driverSuite();
const driver = () => pgUserDriver(suite.pool);
const unique = (stem: string): string => `${stem}_${randomBytes(4).toString('hex')}`;

async function roleExists(name: string): Promise<boolean> {
  const rows = await run(suite.dsn, {}, `SELECT FROM pg_roles WHERE rolname = '${name}'`);
  return rows.length > 0;
}

async function ownerOf(database: string, table: string): Promise<string | undefined> {
  const [row] = await run<{ owner: string }>(
    suite.dsn,
    { database },
    `SELECT relowner::regrole::text AS owner FROM pg_class WHERE oid = to_regclass('${table}')`,
  );
  return row?.owner;
}

describe('name', () => {
  test('one name in two databases gives two logins, each refused by the other database', async () => {
    const [one, two] = [await suite.tenant(), await suite.tenant()];
    const username = unique('shop');
    const logins: string[] = [];
    for (const tenant of [one, two]) {
      const { target, ...user } = await newUser(tenant, 'write');
      const { observation } = await reconcile(driver(), { ...target, username });
      const login = observation?.login ?? '';
      logins.push(login);
      const there = { ...user, login, target };
      expect(await failureCode(run(suite.dsn, tenant.as(there), 'SELECT 1'))).toBeUndefined();
      const foreign = (tenant === one ? two : one).as(there);
      expect(await failureCode(run(suite.dsn, foreign, 'SELECT 1'))).toBe('42501');
    }
    expect(logins[0]).toBe(username);
    expect(logins[1]).toMatch(new RegExp(`^${username}_[a-z0-9]{5}$`));
  });

  test('reserved names and names of 63 characters get a suffix that fits', async () => {
    const tenant = await suite.tenant();
    const long = unique('l'.repeat(54));
    await run(suite.dsn, {}, `CREATE ROLE ${long}`);
    for (const username of [
      'anon',
      'postgres',
      'my_authenticator',
      databaseRoles(randomUUID()).write,
      long,
    ]) {
      const { target } = await newUser(tenant, 'read');
      const { observation } = await reconcile(driver(), { ...target, username });
      expect(observation?.login).toMatch(new RegExp(`^${username.slice(0, 57)}_[a-z0-9]{5}$`));
      await reconcile(driver(), { ...target, username, desired: 'absent' });
      expect(await roleExists(observation?.login ?? '')).toBe(false);
    }
    await run(suite.dsn, {}, `DROP ROLE ${long}`);
  });

  test('users of one name made at the same moment all get a login', async () => {
    const tenant = await suite.tenant();
    const username = unique('race');
    const users = await Promise.all(Array.from({ length: 6 }, () => newUser(tenant, 'read')));
    const made = await Promise.all(users.map(({ target }) => reconcile(driver(), { ...target, username })));
    expect(new Set(made.map(({ observation }) => observation?.login)).size).toBe(users.length);
  });

  test('a role that vanished comes back under the name that people use', async () => {
    const tenant = await suite.tenant();
    const { target } = await newUser(tenant, 'read');
    const login = `${target.username}_used1`;
    const { observation } = await reconcile(driver(), { ...target, everSettled: true, login });
    expect(observation?.login).toBe(login);
  });
});

describe('password', () => {
  test('a new one counts at once, and old sessions stay or end as told', async () => {
    const tenant = await suite.tenant();
    const { writer } = tenant;
    const session = await connect(suite.dsn, tenant.as(writer));
    const password = randomBytes(24).toString('base64url');
    const target = { ...writer.target, verifier: await scramVerifier(password) };
    expect((await reconcile(driver(), target)).steps).toEqual(['repair-login']);
    expect(await failureCode(run(suite.dsn, tenant.as(writer), 'SELECT 1'))).toBe(WRONG_PASSWORD);
    const renewed = { ...writer, password };
    expect(await failureCode(run(suite.dsn, tenant.as(renewed), 'SELECT 1'))).toBeUndefined();
    expect(await failureCode(session.query('SELECT 1'))).toBeUndefined();

    const [clock] = await run<{ now: Date }>(suite.dsn, {}, 'SELECT clock_timestamp() AS now');
    const sessionsEndedBefore = clock?.now.toISOString() ?? '';
    const ended = { ...target, sessionsEndedBefore };
    expect((await reconcile(driver(), ended)).steps).toEqual(['end-old-sessions']);
    expect(await failureCode(session.query('SELECT 1'))).toBeDefined();
    const later = await connect(suite.dsn, tenant.as(renewed));
    expect((await reconcile(driver(), ended)).steps).toEqual([]);
    await later.end();
  });
});

describe('level', () => {
  test('a writer that becomes a reader keeps no table and no session, and can come back', async () => {
    const tenant = await suite.tenant();
    const { writer } = tenant;
    await run(suite.dsn, tenant.as(writer), 'SET ROLE NONE', 'CREATE TABLE mine (id int)');
    const session = await connect(suite.dsn, tenant.as(writer));
    const reader = { ...writer.target, permissionLevel: 'read' } as const;
    expect((await reconcile(driver(), reader)).steps).toEqual([
      'repair-login',
      'change-level',
      'end-sessions',
    ]);
    expect(await failureCode(session.query('INSERT INTO mine VALUES (1)'))).toBeDefined();
    expect(await ownerOf(tenant.name, 'mine')).toBe(databaseRoles(tenant.id).write);
    const as = tenant.as(writer);
    expect(await failureCode(run(suite.dsn, as, 'SELECT * FROM mine'))).toBeUndefined();
    expect(await failureCode(run(suite.dsn, as, 'INSERT INTO mine VALUES (1)'))).toBe('42501');
    tenant.users.splice(tenant.users.indexOf(writer), 1, { ...writer, level: 'read' });
    expect(await tenant.reconcile('active')).toEqual([]);

    expect((await reconcile(driver(), writer.target)).steps).toEqual(['repair-login', 'change-level']);
    expect(await failureCode(run(suite.dsn, as, 'INSERT INTO mine VALUES (1)'))).toBeUndefined();
    tenant.users.splice(0, tenant.users.length, writer, tenant.reader);
    expect(await tenant.reconcile('active')).toEqual([]);
  });
});

describe('suspension', () => {
  test('ends a session in the middle of a query, and lets nobody in until the user is active again', async () => {
    const tenant = await suite.tenant();
    const { writer } = tenant;
    const session = await connect(suite.dsn, tenant.as(writer));
    const query = failureCode(session.query('SELECT pg_sleep(60)'));
    await reconcile(driver(), { ...writer.target, desired: 'suspended' });
    expect(await query).toBe(SESSION_ENDED);
    expect(await failureCode(run(suite.dsn, tenant.as(writer), 'SELECT 1'))).toBe('28000');
    await reconcile(driver(), writer.target);
    expect(await failureCode(run(suite.dsn, tenant.as(writer), 'SELECT 1'))).toBeUndefined();
  });
});

test('whom a login let into its group goes, and the login stays', async () => {
  const [tenant, neighbour] = [await suite.tenant(), await suite.tenant()];
  const { write } = databaseRoles(tenant.id);
  const guest = neighbour.reader;
  await run(
    suite.dsn,
    {},
    `GRANT ${write} TO ${tenant.writer.login} WITH ADMIN OPTION`,
    `SET ROLE ${tenant.writer.login}`,
    `GRANT ${write} TO ${guest.login}`,
  );
  expect(await tenant.reconcile('active')).toEqual(['repair-groups']);
  const members = `SELECT member::regrole::text AS name FROM pg_auth_members WHERE roleid = '${write}'::regrole`;
  expect(await run(suite.dsn, {}, members)).toEqual([{ name: tenant.writer.login }]);
  expect(await tenant.reconcileUsers('active')).toBeGreaterThan(0);
  expect(await tenant.reconcileUsers('active')).toBe(0);
});

describe('deletion', () => {
  test('leaves every table of the login to the group, also those made after SET ROLE NONE', async () => {
    const tenant = await suite.tenant();
    const { writer } = tenant;
    const other = await tenant.addUser('write');
    await run(
      suite.dsn,
      tenant.as(writer),
      'CREATE TABLE as_group (id int)',
      'SET ROLE NONE',
      'CREATE TABLE as_login (id int)',
    );
    await tenant.removeUser(writer);
    expect(await roleExists(writer.login)).toBe(false);
    for (const table of ['as_group', 'as_login']) {
      expect(await ownerOf(tenant.name, table)).toBe(databaseRoles(tenant.id).write);
      const alter = `ALTER TABLE ${table} ADD COLUMN more int`;
      expect(await failureCode(run(suite.dsn, tenant.as(other), alter))).toBeUndefined();
    }
    expect(await tenant.reconcile('active')).toEqual([]);
  });

  test('is not kept from going by what it owns or holds elsewhere', async () => {
    const [tenant, neighbour] = [await suite.tenant(), await suite.tenant()];
    const { login } = tenant.writer;
    const [plain, template] = [unique('plain'), unique('owned')];
    await run(
      suite.dsn,
      {},
      `CREATE DATABASE ${plain}`,
      `CREATE DATABASE ${template} OWNER ${login}`,
      `ALTER DATABASE ${tenant.name} OWNER TO ${login}`,
      `GRANT CONNECT ON DATABASE ${plain} TO ${login} WITH GRANT OPTION`,
      `GRANT ${databaseRoles(tenant.id).write} TO ${login} WITH ADMIN OPTION`,
      `SET ROLE ${login}`,
      `GRANT CONNECT ON DATABASE ${plain} TO PUBLIC`,
      `GRANT ${databaseRoles(tenant.id).write} TO ${neighbour.reader.login}`,
    );
    await run(suite.dsn, { database: plain }, 'CREATE TABLE t ()', `ALTER TABLE t OWNER TO ${login}`);
    const foreign = ['CREATE TABLE theirs ()', `ALTER TABLE theirs OWNER TO ${login}`];
    await run(
      suite.dsn,
      { database: neighbour.name },
      ...foreign,
      `GRANT CREATE ON SCHEMA public TO ${login}`,
    );
    await neighbour.reconcileUsers('suspended');
    await neighbour.reconcile('suspended');

    await tenant.removeUser(tenant.writer);
    expect(await roleExists(login)).toBe(false);
    const owners = `SELECT DISTINCT datdba::regrole::text AS owner FROM pg_database
      WHERE datname IN ('${template}', '${tenant.name}')`;
    expect(await run(suite.dsn, {}, owners)).toEqual([{ owner: 'postgres' }]);
    await tenant.reconcile('active');
    expect(await failureCode(run(suite.dsn, { database: neighbour.name }, 'SELECT 1'))).toBe('55000');
    await neighbour.reconcile('active');
    await neighbour.reconcileUsers('active');
    expect(await ownerOf(neighbour.name, 'theirs')).toBe(databaseRoles(neighbour.id).write);
    expect(await ownerOf(plain, 't')).toBe('postgres');
    await run(suite.dsn, {}, `DROP DATABASE ${plain}`, `DROP DATABASE ${template}`);
  });

  test('works in a suspended database, which stays closed, also after a crash in the middle', async () => {
    const tenant = await suite.tenant();
    const { writer } = tenant;
    const second = await tenant.addUser('write');
    for (const user of [writer, second]) {
      const create = `CREATE TABLE of_${user.login} ()`;
      await run(suite.dsn, tenant.as(user), 'SET ROLE NONE', create);
    }
    await tenant.reconcile('suspended');
    const gone = async (user: TenantUser): Promise<void> => {
      expect(await roleExists(user.login)).toBe(false);
      expect(await failureCode(run(suite.dsn, { database: tenant.name }, 'SELECT 1'))).toBe('55000');
    };
    const { steps } = await reconcile(driver(), { ...writer.target, desired: 'absent' });
    expect(steps).toEqual(['end-sessions', 'release-objects', 'drop-login']);
    await gone(writer);

    // What a crash inside the step leaves: the door ajar.
    const ajar = `ALTER DATABASE ${tenant.name} WITH CONNECTION LIMIT 0 ALLOW_CONNECTIONS true`;
    await run(suite.dsn, {}, ajar);
    await run(suite.dsn, { database: tenant.name }, `DROP OWNED BY ${second.login}`);
    await reconcile(driver(), { ...second.target, desired: 'absent' });
    await gone(second);
    tenant.users.splice(0, tenant.users.length, tenant.reader);
    expect((await reconcile(databaseDriver(suite.pool), tenant.target('suspended'))).steps).toEqual([]);
    await tenant.reconcile('active');
    expect(await ownerOf(tenant.name, `of_${writer.login}`)).toBe(databaseRoles(tenant.id).write);
  });

  test('of a reader to whom somebody granted by hand', async () => {
    const tenant = await suite.tenant();
    const { reader } = tenant;
    await run(suite.dsn, { database: tenant.name }, `GRANT CREATE ON SCHEMA public TO ${reader.login}`);
    const { steps } = await reconcile(driver(), { ...reader.target, desired: 'absent' });
    expect(steps).toEqual(['close-login', 'end-sessions', 'release-objects', 'drop-login']);
    expect(await roleExists(reader.login)).toBe(false);
  });
});

test('a user of a database that vanished is reported, and can be deleted', async () => {
  const tenant = await suite.tenant();
  await run(suite.dsn, {}, `DROP DATABASE ${tenant.name} WITH (FORCE)`);
  const { target } = tenant.writer;
  await expect(reconcile(driver(), target)).rejects.toMatchObject({ code: 'database.vanished' });
  await reconcile(driver(), { ...target, desired: 'absent' });
  expect(await roleExists(tenant.writer.login)).toBe(false);
});
