import { readdir } from 'node:fs/promises';
import { sql } from 'kysely';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ensureOwnDatabase, ensureSchema } from '../../src/main/own-database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openStore, ping, type Store } from '../../src/store/store.ts';
import { createTestDatabase, type TestDatabase } from '../support/test-database.ts';
import { countWaiting, rowsOf } from './support/store-suite.ts';

const migrations: string[] = [];
const stores: Store[] = [];
let database: TestDatabase;

function open(url: string): Store {
  const store = openStore({ url, applicationName: 'starter', maxConnections: 3 }, () => {});
  stores.push(store);
  return store;
}

beforeAll(async () => {
  const files = await readdir(new URL('../../migrations/', import.meta.url));
  migrations.push(...files.map((file) => file.replace(/\.sql$/, '')).sort());
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.destroy()));
  await database.drop();
});

async function tables(store: Store): Promise<string[]> {
  const rows = await rowsOf(
    store,
    sql<{ name: string }>`select tablename as name from pg_tables where schemaname = 'backyard'`,
  );
  return rows.map(({ name }) => name).sort();
}

describe('migrations', () => {
  test('bring an empty database to the newest schema, and a second run applies nothing', async () => {
    database = await createTestDatabase();
    await ensureSchema(database.dsn);
    const store = open(database.dsn);
    expect(await migrate(store)).toEqual(migrations);
    const after = await tables(store);
    expect(after).toEqual(
      expect.arrayContaining(['api_keys', 'audit', 'events', 'leases', 'resources', 'secrets', 'users']),
    );
    expect(await migrate(store)).toEqual([]);
    expect(await tables(store)).toEqual(after);
    const elsewhere = await rowsOf(
      store,
      sql`select tablename from pg_tables where schemaname not in ('backyard', 'pg_catalog', 'information_schema')`,
    );
    expect(elsewhere).toEqual([]);
  });

  test('are applied once when several start at the same moment', async () => {
    database = await createTestDatabase();
    const starters = Array.from({ length: 4 }, () => open(database.dsn));
    const applied = await Promise.all(
      starters.map(async (store) => {
        await ensureSchema(database.dsn);
        return migrate(store);
      }),
    );
    expect(applied.filter((names) => names.length > 0)).toEqual([migrations]);
  });

  test('that fail leave the database as it was, and say why', async () => {
    database = await createTestDatabase();
    await ensureSchema(database.dsn);
    const store = open(database.dsn);
    // The name of a later table of the first migration is taken.
    await sql`create view backyard.secrets as select 1 as one`.execute(store);
    await expect(migrate(store)).rejects.toMatchObject({
      code: 'store.migration',
      message: expect.stringContaining('secrets'),
    });
    expect((await tables(store)).filter((name) => !name.startsWith('kysely_'))).toEqual([]);
    await sql`drop view backyard.secrets`.execute(store);
    expect(await migrate(store)).toEqual(migrations);
  });
});

describe('our own database', () => {
  test('is made once, closed to everybody else', async () => {
    database = await createTestDatabase();
    const urls = [await ensureOwnDatabase(database.dsn), await ensureOwnDatabase(database.dsn)];
    expect(new Set(urls).size).toBe(1);
    const own = open(urls[0] ?? '');
    await ping(own);
    const [row] = await rowsOf(
      own,
      sql<{ name: string; open: boolean }>`
        select datname as name, has_database_privilege('public', oid, 'connect') as open
        from pg_database where datname = current_database()`,
    );
    expect(row).toEqual({ name: 'backyard', open: false });
    await own.destroy();
    stores.pop();
    await sql`drop database backyard with (force)`.execute(open(database.dsn));
  });

  test('of which another starter makes the schema at the same moment is no fault', async () => {
    database = await createTestDatabase();
    const store = open(database.dsn);
    const made = Promise.withResolvers<void>();
    const commit = Promise.withResolvers<void>();
    const other = store.transaction().execute(async (db) => {
      await sql`create schema backyard`.execute(db);
      made.resolve();
      await commit.promise;
    });
    await made.promise;
    const ours = ensureSchema(database.dsn);
    await expect.poll(() => countWaiting(store)).toBe(1);
    commit.resolve();
    await other;
    await expect(ours).resolves.toBeUndefined();
  });

  test('that cannot be reached is told with its place, never with its password', async () => {
    database = await createTestDatabase();
    const url = new URL(database.dsn);
    url.pathname = '/no_such_database';
    url.password = 's3same';
    await expect(ensureSchema(url.href)).rejects.toMatchObject({
      code: 'store.unreachable',
      message: expect.stringMatching(/no_such_database cannot be used .*Check DATABASE_URL/),
    });
    await expect(ensureSchema(url.href)).rejects.not.toMatchObject({
      message: expect.stringContaining('s3same'),
    });
  });
});
