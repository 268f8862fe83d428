import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Plan } from '../../src/plan/plan.ts';
import { TenantPool } from '../../src/run/pool.ts';
import { runScript } from '../../src/run/run-script.ts';
import type { Script, Statement } from '../../src/sql/statement.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let pool: TenantPool;

beforeAll(async () => {
  database = await createDatabase();
  await database.run(`
    CREATE TABLE log (entry text);
    GRANT ALL ON log TO web_anon;
    CREATE TABLE strict (id int PRIMARY KEY, parent int REFERENCES strict DEFERRABLE INITIALLY DEFERRED);
    GRANT ALL ON strict TO web_anon`);
});
afterAll(() => database.drop());
beforeEach(() => {
  // One connection: what one request leaves behind, the next one would see.
  pool = new TenantPool({
    dbUri: database.authenticatorDsn,
    dbPool: 1,
    dbPoolAcquisitionTimeoutMs: 2_000,
    dbPoolMaxIdleMs: 10_000,
    dbPoolMaxLifetimeMs: 60_000,
  });
});
afterEach(() => pool.end());

const JSON_TYPE = { type: 'application/json', parameters: {} };
const READ: Plan = {
  kind: 'read',
  read: {
    alias: 'r',
    from: { kind: 'source' },
    select: [],
    where: [],
    order: [],
    range: { limit: null, offset: 0 },
    embeds: [],
  },
  body: { kind: 'json', shape: 'array', stripsNulls: false },
  mediaType: JSON_TYPE,
  count: null,
  maxAffected: null,
  access: 'read only',
  isolation: null,
};
const CHANGE: Plan = {
  ...READ,
  kind: 'delete',
  table: { schema: 'public', name: 'log' },
  where: [],
  returning: [],
  access: 'read write',
};

function script(main: string, values: Statement['values'] = [], more: Partial<Script> = {}): Script {
  return {
    begin: 'BEGIN READ WRITE',
    settings: {
      text: "SELECT set_config('role', $1, true), set_config('request.method', $2, true)",
      values: ['web_anon', 'GET'],
    },
    preRequest: null,
    main: { text: main, values },
    countPlan: null,
    ...more,
  };
}

function answering(body: string, rows = 1): string {
  return `SELECT NULL AS total, ${rows} AS rows, ${body} AS body, NULL AS location, NULL AS inserted,
    current_setting('response.headers', true) AS "responseHeaders", NULL AS "responseStatus"`;
}

const NAMED = { dbPreparedStatements: true, dbTxEnd: 'commit' } as const;
const UNNAMED = { ...NAMED, dbPreparedStatements: false } as const;

async function entries(): Promise<unknown[]> {
  return (await database.run('SELECT entry FROM log ORDER BY entry')).map(({ entry }) => entry);
}

test.each([
  ['named', NAMED],
  ['unnamed', UNNAMED],
])('the row, its settings and the times come back, with %s statements', async (_name, settings) => {
  for (const value of ['ä "1"', null, 'x'.repeat(300_000)]) {
    const text = answering(
      "concat_ws(':', current_setting('role'), current_setting('request.method'), $1::text)",
    );
    const { row, timings, explain, countPlanRows } = await runScript(
      pool,
      script(text, [value]),
      READ,
      settings,
    );
    expect(row).toMatchObject({
      total: null,
      rows: 1,
      body: ['web_anon', 'GET', value].filter(Boolean).join(':'),
    });
    expect([explain, countPlanRows]).toEqual([null, null]);
    expect(timings.transaction).toBeGreaterThan(0);
  }
});

test('bytes, an EXPLAIN and a planned count', async () => {
  const bytes = await runScript(pool, script(answering("'\\x00ff'::bytea")), READ, NAMED);
  expect(bytes.row.body).toEqual(Buffer.from([0, 255]));
  const explained = await runScript(
    pool,
    script('EXPLAIN SELECT 1'),
    { ...READ, body: { kind: 'explain', of: READ.body, format: 'text', options: [] } },
    NAMED,
  );
  expect(explained.explain).toMatch(/^Result {2}\(cost=/);
  const countPlan = { text: 'EXPLAIN (FORMAT JSON) SELECT generate_series(1, $1)', values: [7] };
  const counted = await runScript(pool, script(answering("'[]'"), [], { countPlan }), READ, NAMED);
  expect(counted.countPlanRows).toBeGreaterThan(0);
});

test('nothing of a request is left for the next one on the same connection', async () => {
  const probe = answering(
    "concat_ws(':', session_user, current_user, current_setting('request.method', true), current_setting('app.x', true))",
  );
  const leaky = script(
    answering("set_config('app.x', 'mine', true) || set_config('response.headers', '[]', true)"),
  );
  await runScript(pool, leaky, READ, NAMED);
  await expect(runScript(pool, script('SELECT 1/0'), READ, NAMED)).rejects.toMatchObject({ code: '22012' });
  const bare = { settings: { text: "SELECT set_config('x.y', '', true)", values: [] } };
  const { row } = await runScript(pool, script(probe, [], bare), READ, NAMED);
  expect(row.body).toBe('authenticator:authenticator::');
  expect(row.responseHeaders ?? '').toBe('');
  expect(pool.stats()).toMatchObject({ total: 1, idle: 1 });
});

test('a BEGIN or settings that fail let nothing else run', async () => {
  const insert = "WITH i AS (INSERT INTO log VALUES ('outside') RETURNING 1) SELECT 1 FROM i";
  await expect(
    runScript(pool, script(insert, [], { begin: 'BEGIN NONSENSE' }), CHANGE, NAMED),
  ).rejects.toMatchObject({ code: '42601' });
  const stranger = { settings: { text: "SELECT set_config('role', $1, true)", values: ['web_stranger'] } };
  await expect(runScript(pool, script(insert, [], stranger), CHANGE, NAMED)).rejects.toBeInstanceOf(
    pg.DatabaseError,
  );
  const preRequest = { text: 'SELECT no_such_function()', values: [] };
  await expect(runScript(pool, script(insert, [], { preRequest }), CHANGE, NAMED)).rejects.toMatchObject({
    code: '42883',
  });
  expect(await entries()).toEqual([]);
});

test('transactions end as the settings and the client say', async () => {
  const insert = (entry: string) =>
    script(
      `WITH i AS (INSERT INTO log VALUES ('${entry}') RETURNING 1) ${answering("'[]'")} FROM (SELECT count(*) FROM i) c`,
    );
  const prefer = (transaction: 'commit' | 'rollback' | null) =>
    ({ action: 'insert', preferences: { transaction } }) as const;
  await runScript(pool, insert('a'), CHANGE, NAMED, prefer('rollback'));
  await runScript(
    pool,
    insert('b'),
    CHANGE,
    { ...NAMED, dbTxEnd: 'commit-allow-override' },
    prefer('rollback'),
  );
  await runScript(pool, insert('c'), CHANGE, { ...NAMED, dbTxEnd: 'rollback' }, prefer('commit'));
  await runScript(
    pool,
    insert('d'),
    CHANGE,
    { ...NAMED, dbTxEnd: 'rollback-allow-override' },
    prefer('commit'),
  );
  expect(await entries()).toEqual(['a', 'd']);
  const limited = { ...CHANGE, maxAffected: 0 };
  await expect(runScript(pool, insert('e'), limited, NAMED)).rejects.toMatchObject({ code: 'PGRST124' });
  const single = { ...CHANGE, mediaType: { type: 'application/vnd.pgrst.object+json', parameters: {} } };
  await runScript(pool, insert('f'), single, NAMED);
  expect(await entries()).toEqual(['a', 'd', 'f']);
  expect(pool.stats()).toMatchObject({ total: 1, idle: 1 });
});

test('what fails at the end of the transaction fails the request', async () => {
  const main = `WITH i AS (INSERT INTO strict VALUES (1, 99) RETURNING 1) ${answering("'[]'")} FROM (SELECT count(*) FROM i) c`;
  await expect(runScript(pool, script(main), CHANGE, NAMED)).rejects.toMatchObject({ code: '23503' });
});

test('statements that the server has forgotten are prepared again, and few stay prepared', async () => {
  const main = answering('(SELECT count(*)::text FROM pg_prepared_statements)');
  await runScript(pool, script(main), READ, NAMED);
  const client = await pool.acquire();
  await client.query('DEALLOCATE ALL');
  client.release();
  expect((await runScript(pool, script(main), READ, NAMED)).row.body).toBe('3');
  for (let index = 0; index < 120; index += 1) {
    await runScript(pool, script(answering(`'${index}'`)), READ, NAMED);
  }
  expect(Number((await runScript(pool, script(main), READ, NAMED)).row.body)).toBeLessThanOrEqual(101);
});

test('a result whose shape changed is read again without an error', async () => {
  await database.run(`CREATE TABLE shape (total int, rows int, body text, "responseHeaders" text);
    INSERT INTO shape VALUES (1, 1, 'x'); GRANT ALL ON shape TO web_anon`);
  const main = 'SELECT * FROM shape';
  expect((await runScript(pool, script(main), READ, NAMED)).row.body).toBe('x');
  await database.run('ALTER TABLE shape ALTER body TYPE bytea USING body::bytea');
  expect((await runScript(pool, script(main), READ, NAMED)).row.body).toEqual(Buffer.from('x'));
});

test('a connection that breaks in a transaction is 503, and not used again', async () => {
  const own = script(answering('pg_terminate_backend(pg_backend_pid())::text'));
  const asSuperuser = new TenantPool({
    dbUri: database.dsn,
    dbPool: 1,
    dbPoolAcquisitionTimeoutMs: 2_000,
    dbPoolMaxIdleMs: 10_000,
    dbPoolMaxLifetimeMs: 60_000,
  });
  const superuser = { settings: { text: 'SELECT 1', values: [] } };
  try {
    const failure = runScript(asSuperuser, { ...own, ...superuser }, READ, NAMED);
    await expect(failure).rejects.toMatchObject({ status: 503, headers: { 'Retry-After': '1' } });
    expect(asSuperuser.stats().total).toBe(0);
    const { row } = await runScript(
      asSuperuser,
      { ...script(answering("'alive'")), ...superuser },
      READ,
      NAMED,
    );
    expect(row.body).toBe('alive');
  } finally {
    await asSuperuser.end();
  }
});

test('one Sync carries a whole request, and a second one only a change under a condition', async () => {
  const client = await pool.acquire();
  const { connection } = client as unknown as { connection: pg.Connection };
  let syncs = 0;
  const { sync } = connection;
  connection.sync = function (this: pg.Connection) {
    syncs += 1;
    sync.call(this);
  };
  client.release();
  await runScript(pool, script(answering("'[]'")), READ, NAMED);
  await runScript(pool, script(answering("'[]'")), CHANGE, NAMED);
  expect(syncs).toBe(2);
  await runScript(pool, script(answering("'[]'")), { ...CHANGE, maxAffected: 5 }, NAMED);
  expect(syncs).toBe(4);
});
