/** Databases made in advance: quick to hand out, invisible until then, and never left half handed out. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api } from './support/api.ts';
import { as, groupRoles, superuser } from './support/cluster.ts';
import { createPerson, theAdmin, uniqueName } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { createDatabase, createPgUser, listPgUsers } from './support/resources.ts';
import { until } from './support/until.ts';
import type { Database } from './support/wire.ts';

const SPARES = 2;
const RENAME = 'database/active/rename-database';

let product: Product;
let admin: Api;

beforeAll(async () => {
  product = await startProduct({
    env: { BACKYARD_SPARE_DATABASES: String(SPARES), BACKYARD_RECONCILE_INTERVAL: '3600' },
  });
  admin = (await theAdmin(product)).api;
});

afterAll(async () => {
  await product?.dispose();
});

/** All spares are there and were looked at; only Backyard's own rows tell that from outside. */
function sparesReady(): Promise<readonly string[]> {
  return until(
    async () => {
      const rows = await superuser(
        product,
        `select name from backyard.resources where kind = 'database' and owner_id is null
           and desired = 'active' and observed_generation = generation order by name`,
        [],
        'backyard',
      );
      return rows.length === SPARES && rows.map((row) => String(row.name));
    },
    { what: `${SPARES} spare databases`, timeoutMs: 15_000 },
  );
}

async function oidOf(name: string): Promise<unknown> {
  const [row] = await superuser(product, 'select oid from pg_database where datname = $1', [name]);
  return row?.oid;
}

/** Databases and roles that neither a list nor a spare accounts for. */
async function leftBehind(): Promise<readonly unknown[]> {
  // The groups of a spare are there before its database.
  await sparesReady();
  const { body } = await admin.get<readonly Database[]>('/api/databases?scope=all');
  const users = await Promise.all(body.map((one) => listPgUsers(admin, one.database_id)));
  const databases = [
    'backyard',
    'postgres',
    'template0',
    'template1',
    ...body.map((one) => one.pg_database_name),
  ];
  const roles = [
    ...body.flatMap((one) => Object.values(groupRoles(one.database_id))),
    ...users.flat().map((user) => user.connection.user),
  ];
  return superuser(
    product,
    `select datname as name from pg_database
     where datname <> all ($1) and datname not like 'by\\_spare\\_%'
     union all
     select rolname from pg_roles r
     where rolname !~ '^pg_' and rolname <> 'postgres' and rolname <> all ($2)
       and not exists (select from pg_database d where d.datname like 'by\\_spare\\_%'
                       and left(pg_get_userbyid(d.datdba), 35) = left(r.rolname, 35))`,
    [databases, roles],
  );
}

describe('spare databases', () => {
  test('a creation takes one, and another is made', async () => {
    const before = await sparesReady();
    const oids = await Promise.all(before.map(oidOf));
    const created = await createDatabase(admin);
    expect(oids).toContain(await oidOf(created.pg_database_name));
    expect(created).toMatchObject({ status: 'active', deleted_at: null });
    expect(Date.now() - Date.parse(created.created_at)).toBeLessThan(10_000);
    const user = await createPgUser(admin, created.database_id, 'write');
    await as(user.connection, (client) => client.query('create table made as select 1 as one'));
    expect(await sparesReady()).toHaveLength(SPARES);
    expect(await leftBehind()).toEqual([]);
  });

  test('nobody sees them, and nobody gets one by name', async () => {
    const [spare] = await sparesReady();
    const everybody = await admin.get<readonly Database[]>('/api/databases?scope=all');
    expect(everybody.text).not.toContain('by_spare_');
    const refused = await admin.post('/api/databases', { name: spare });
    expect(refused.status).toBe(409);
    const [row] = await superuser(
      product,
      'select pg_get_userbyid(datdba) as owner from pg_database where datname = $1',
      [spare],
    );
    const hex = String(row?.owner).slice(3, 35);
    const id = hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
    for (const caller of [admin, (await createPerson(product)).api]) {
      expect((await caller.get(`/api/databases/${id}`)).status).toBe(404);
      expect((await caller.delete(`/api/databases/${id}`)).status).toBe(404);
      expect((await caller.get(`/api/databases/${id}/pgusers`)).status).toBe(404);
    }
  });

  test('a name that the cluster has already is a conflict, and leaves nothing behind', async () => {
    const name = uniqueName('theirs');
    await superuser(product, `create database "${name}"`);
    await sparesReady();
    const refused = await admin.post('/api/databases', { name });
    expect(refused.status).toBe(409);
    expect(refused.body).toEqual({
      error: `Database name '${name}' is already taken. Please choose a different name.`,
    });
    const [row] = await superuser(
      product,
      'select pg_get_userbyid(datdba) as owner from pg_database where datname = $1',
      [name],
    );
    expect(row?.owner).toBe('postgres');
    await superuser(product, `drop database "${name}"`);
    expect(await leftBehind()).toEqual([]);
    expect((await admin.post('/api/databases', { name })).status).toBe(201);
  });

  test('more creations at once than there are spares all succeed', async () => {
    await sparesReady();
    const names = Array.from({ length: 6 }, () => uniqueName('many'));
    const answers = await Promise.all(names.map((name) => admin.post('/api/databases', { name })));
    expect(answers.map((answer) => answer.status)).toEqual(names.map(() => 201));
    expect(await sparesReady()).toHaveLength(SPARES);
    expect(await leftBehind()).toEqual([]);
  });

  test.each([
    'operation/database.create/committed',
    `${RENAME}:before`,
    `${RENAME}:after`,
    'settle/database:before',
  ])('killed at %s: nothing is left, and the same name can be had', async (point) => {
    await sparesReady();
    await product.kill();
    await product.start({ BACKYARD_FAIL_POINT: `kill:${point}` });
    const name = uniqueName('cut');
    await expect(admin.post('/api/databases', { name })).rejects.toThrow();
    await until(() => !product.running, { what: 'the server dies at the point', timeoutMs: 5_000 });
    await product.start({ BACKYARD_FAIL_POINT: undefined });
    await until(async () => (await admin.post('/api/databases', { name })).status === 201, {
      what: 'the name can be had again',
      timeoutMs: 10_000,
    });
    expect(await leftBehind()).toEqual([]);
  });
});

test('a database that was renamed by hand gets its name back once nobody is in it', async () => {
  const created = await createDatabase(admin);
  await superuser(product, `alter database "${created.pg_database_name}" rename to "elsewhere"`);
  await product.restart({ BACKYARD_RECONCILE_INTERVAL: '1' });
  await until(async () => (await oidOf('elsewhere')) === undefined, {
    what: 'the name is back',
    timeoutMs: 20_000,
  });
  expect(await oidOf(created.pg_database_name)).toBeDefined();
});
