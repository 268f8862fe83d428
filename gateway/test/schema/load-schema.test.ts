import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadSchema } from '../../src/schema/load-schema.ts';
import { keyOf } from '../../src/schema/schema-cache.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { loadTestSchema, NASTY_SCOPE } from '../support/load-test-schema.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase('nasty/00-schemas.sql');
});
afterAll(() => database?.drop());

async function withClient<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: database.authenticatorDsn,
    connectionTimeoutMillis: 10_000,
  });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

test('an empty schema is no error, and neither is one that does not exist', async () => {
  const scope = { dbSchemas: ['v2', 'absent'] as const, dbExtraSearchPath: ['absent too'] };
  const cache = await loadTestSchema(database, scope);
  expect([cache.tables.size, cache.routines.size, cache.mediaConverters.length]).toEqual([0, 0, 0]);
  expect(cache.timezones).toContain('Europe/Berlin');
  expect(cache.timezones).toContain('UTC');
  expect(cache.serverVersion).toBeGreaterThanOrEqual(140_000);
});

test('names of schemas are values, whatever is in them', async () => {
  const name = `a' \\ "); DROP SCHEMA v2 CASCADE; --`;
  await database.run(`CREATE SCHEMA ${pg.escapeIdentifier(name)}`);
  await database.run(
    `CREATE TABLE ${pg.escapeIdentifier(name)}.t (id serial PRIMARY KEY, up integer REFERENCES ${pg.escapeIdentifier(name)}.t)`,
  );
  const cache = await loadTestSchema(database, { dbSchemas: [name, 'v2'], dbExtraSearchPath: [name] });
  expect(cache.tables.get(keyOf({ schema: name, name: 't' }))?.primaryKey).toEqual(['id']);
  expect(cache.relationships.get(keyOf({ schema: name, name: 't' }))).toHaveLength(2);
  expect(await database.run(`SELECT count(*)::int AS n FROM pg_namespace WHERE nspname = 'v2'`)).toEqual([
    { n: 1 },
  ]);
});

test('leaves the client as it was: in no transaction, with its own settings', async () => {
  const settings = await withClient(async (client) => {
    await client.query(`SET search_path TO v2; SET statement_timeout TO '11s'`);
    await loadSchema(client, NASTY_SCOPE);
    const { rows } = await client.query(
      `SELECT current_setting('search_path') AS path, current_setting('statement_timeout') AS timeout,
         current_setting('transaction_read_only') AS "readOnly", now() = statement_timestamp() AS alone`,
    );
    return rows[0] as unknown;
  });
  expect(settings).toEqual({ path: 'v2', timeout: '11s', readOnly: 'off', alone: true });
});

test('an error comes through, and the client can be used again', async () => {
  await withClient(async (client) => {
    await client.query('BEGIN');
    await expect(client.query('SELECT 1 / 0')).rejects.toThrow();
    await expect(loadSchema(client, NASTY_SCOPE)).rejects.toMatchObject({ code: '25P02' });
    const cache = await loadSchema(client, NASTY_SCOPE);
    expect(cache.schemaDescriptions.get('v2')).toBe('Second version');
  });
});

test('a second load on the same server has the same time zones, once in memory', async () => {
  const [first, second] = await withClient(async (client) => [
    await loadSchema(client, NASTY_SCOPE),
    await loadSchema(client, NASTY_SCOPE),
  ]);
  expect(second.timezones).toBe(first.timezones);
});

test('views in a circle and dropped columns do no harm', async () => {
  await database.run(`
    CREATE TABLE api.base (gone integer, id integer PRIMARY KEY, gone_too text, up integer REFERENCES api.base);
    ALTER TABLE api.base DROP COLUMN gone, DROP COLUMN gone_too;
    CREATE VIEW api.one AS SELECT id, up FROM api.base;
    CREATE VIEW api.two AS SELECT id, up FROM api.one;
    CREATE VIEW api.three AS SELECT up AS u, id AS i FROM api.base;
    CREATE OR REPLACE VIEW api.one AS SELECT id, up FROM api.two`);
  const cache = await loadTestSchema(database);
  expect(cache.tables.get(keyOf({ schema: 'api', name: 'one' }))?.primaryKey).toEqual([]);
  expect(cache.tables.get(keyOf({ schema: 'api', name: 'three' }))?.primaryKey).toEqual(['i']);
  expect([...(cache.tables.get(keyOf({ schema: 'api', name: 'base' }))?.columns.keys() ?? [])]).toEqual([
    'id',
    'up',
  ]);
  expect(cache.relationships.get(keyOf({ schema: 'api', name: 'three' }))).toHaveLength(4);
});
