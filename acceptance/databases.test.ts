/** Creating and reading databases: the published pgweb contract, sections 2 and 3. */
import { beforeAll, expect, test } from 'vitest';
import type { Api } from './support/api.ts';
import { as, groupRoles, superuser } from './support/cluster.ts';
import { createPerson, type Person, theAdmin, uniqueName } from './support/people.ts';
import { useProduct } from './support/product.ts';
import { createDatabase, createPgUser, softDelete, unknownId } from './support/resources.ts';
import type { Database, ErrorBody } from './support/wire.ts';

const product = useProduct();
let alice: Person;
let bob: Person;
let admin: Person;

beforeAll(async () => {
  alice = await createPerson(product(), 'alice');
  bob = await createPerson(product(), 'bob');
  admin = await theAdmin(product());
});

const invalidName =
  'Invalid database name. Name must be 3-63 chars, alphanumeric, underscores, hyphens, start/end with alphanumeric, and not use reserved prefixes.';

function post(caller: Api, name: unknown, prefix = '/api/databases') {
  return caller.post<Database & ErrorBody>(prefix, { name });
}

function taken(name: string): ErrorBody {
  return { error: `Database name '${name}' is already taken. Please choose a different name.` };
}

/** Start of the text, so that the case fits into the name of a test. */
function brief(value: unknown): string {
  return JSON.stringify(value).slice(0, 40);
}

test('a created database answers with exactly what the contract lists', async () => {
  const name = uniqueName('shop');
  const before = Date.now();
  const { status, body } = await post(alice.api, name);
  expect(status).toBe(201);
  expect(body).toEqual({
    database_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    owner_user_id: alice.internal_user_id,
    owner_email: alice.email,
    pg_database_name: name,
    status: 'active',
    created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/),
    updated_at: expect.stringMatching(/Z$/),
    deleted_at: null,
    purge_after: null,
    extensions: expect.any(Array),
    connection: { host: expect.any(String), port: expect.any(Number), database: name },
  });
  expect(Date.parse(body.created_at)).toBeGreaterThan(before - 2_000);
  expect(Date.parse(body.created_at)).toBeLessThan(Date.now() + 2_000);
});

test('the database stands in the cluster as promised', async () => {
  const { database_id, pg_database_name, extensions } = await createDatabase(alice.api);
  const [row] = await superuser(
    product(),
    `select pg_get_userbyid(datdba) as owner, pg_encoding_to_char(encoding) as encoding,
       datallowconn, datconnlimit from pg_database where datname = $1`,
    [pg_database_name],
  );
  expect(row).toEqual({
    owner: groupRoles(database_id).owner,
    encoding: 'UTF8',
    datallowconn: true,
    datconnlimit: 50,
  });
  const installed = await superuser(
    product(),
    `select extname from pg_extension where extname <> 'plpgsql' order by 1`,
    [],
    pg_database_name,
  );
  expect([...extensions].filter((name) => name !== 'plpgsql').sort()).toEqual(
    installed.map((found) => found.extname),
  );
  const offered = await superuser(
    product(),
    `select name from pg_available_extensions where name in ('uuid-ossp', 'vector')`,
  );
  for (const { name } of offered) expect(extensions).toContain(name);
});

test('the group roles cannot log in and have no member that is not a login of the database', async () => {
  const { database_id } = await createDatabase(alice.api);
  const roles = groupRoles(database_id);
  const rows = await superuser(
    product(),
    `select rolname, rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls,
       exists (select from pg_auth_members m where m.roleid = r.oid) as has_members
     from pg_roles r where rolname = any($1) order by 1`,
    [Object.values(roles)],
  );
  const nothing = {
    rolcanlogin: false,
    rolsuper: false,
    rolcreatedb: false,
    rolcreaterole: false,
    rolreplication: false,
    rolbypassrls: false,
    has_members: false,
  };
  expect(rows).toEqual(
    Object.values(roles)
      .sort()
      .map((rolname) => ({ rolname, ...nothing })),
  );
});

const longest = uniqueName('z').padEnd(63, 'z');
test.each([
  ['1ab', 'a leading digit'],
  [longest, '63 characters'],
  [longest.slice(1), '62 characters'],
  ['a-b_c', 'inner hyphen and underscore'],
  ['a--b', 'two hyphens'],
  ['123', 'digits alone'],
  ['select', 'an SQL keyword'],
])('%s reaches 201 and works (%s)', async (name) => {
  const database = await createDatabase(alice.api, name);
  expect(database.pg_database_name).toBe(name);
  const { connection } = await createPgUser(alice.api, database.database_id, 'write');
  expect(connection.database).toBe(name);
  const rows = await as(connection, (client) => client.query('select current_database() as name'));
  expect(rows.rows).toEqual([{ name }]);
});

test('a name is trimmed and lower-cased', async () => {
  const name = uniqueName('Mixed');
  const { status, body } = await post(alice.api, `  ${name}\t`);
  expect(status).toBe(201);
  expect(body.pg_database_name).toBe(name.toLowerCase());
});

test.each(
  [
    'ab',
    'a'.repeat(64),
    'a'.repeat(5_000),
    '-abc',
    'abc-',
    '_abc',
    'abc_',
    'a b c',
    '   ',
    'pg_shop',
    'PG_shop',
    'postgres',
    'postgresql',
    'Postgres_1',
    'shöp',
    'ａｂｃ',
    'shop\u212a',
    'ſhop',
    'shop\u00a0',
    'sh\u0000op',
    'shop;drop',
    'shop"x',
    "shop'--",
    'shop\nx',
    '../shop',
    '\ud83d\ude00\ud83d\ude00\ud83d\ude00',
  ].map((name) => [brief(name), name]),
)('the name %s is refused', async (_, name) => {
  const { status, body } = await post(alice.api, name);
  expect({ status, body }).toEqual({ status: 400, body: { error: invalidName } });
});

test.each([
  ['{"name"', 'malformed JSON'],
  ['{"name": "a",}', 'malformed JSON'],
  ['[]', 'body must be an object'],
  ['[{"name": "shop"}]', 'body must be an object'],
  ['"shop"', 'body must be an object'],
  ['7', 'body must be an object'],
  ['null', 'body must be an object'],
  ['{}', 'name is required'],
  ['{"Name": "shop"}', 'name is required'],
  ['{"name": null}', 'name is required'],
  ['{"name": ""}', 'name is required'],
  ['{"name": 7}', 'name must be a string'],
  ['{"name": true}', 'name must be a string'],
  ['{"name": ["shop"]}', 'name must be a string'],
  ['{"name": {"$ne": ""}}', 'name must be a string'],
])('the body %s is refused: %s', async (raw, ending) => {
  const { status, body } = await alice.api.send({
    method: 'POST',
    path: '/api/databases',
    raw,
    headers: { 'content-type': 'application/json' },
  });
  expect({ status, body }).toEqual({ status: 400, body: { error: `Invalid request payload: ${ending}` } });
});

test('no body at all is refused as a payload, whatever the media type says', async () => {
  for (const headers of [{}, { 'content-type': 'application/json' }, { 'content-length': '0' }]) {
    const { status, body } = await alice.api.send<ErrorBody>({
      method: 'POST',
      path: '/api/databases',
      headers,
    });
    expect(status).toBe(400);
    expect(body.error).toMatch(
      /^Invalid request payload: (malformed JSON|body must be an object|name is required)$/,
    );
  }
});

test('unknown fields are ignored, a charset is allowed', async () => {
  const name = uniqueName('shop');
  const { status, body } = await alice.api.send<Database>({
    method: 'POST',
    path: '/api/databases',
    raw: JSON.stringify({ name, owner_user_id: bob.internal_user_id, status: 'deleting' }),
    headers: { 'content-type': 'application/json; charset=utf-8' },
  });
  expect(status).toBe(201);
  expect(body).toMatchObject({ owner_user_id: alice.internal_user_id, status: 'active' });
});

test('a name that anybody holds is taken, soft-deleted or not', async () => {
  const { pg_database_name: name, database_id } = await createDatabase(alice.api);
  for (const caller of [alice, bob]) {
    for (const spelling of [name, name.toUpperCase(), ` ${name} `]) {
      const { status, body } = await post(caller.api, spelling);
      expect({ status, body }).toEqual({ status: 409, body: taken(name) });
    }
  }
  await softDelete(alice.api, database_id);
  const { status, body } = await post(bob.api, name);
  expect({ status, body }).toEqual({ status: 409, body: taken(name) });
});

test('a name of the cluster itself or of poolers is taken', async () => {
  await superuser(product(), 'create database legacy_billing');
  const others = await superuser(
    product(),
    `select datname as name from pg_database where datname !~ '^(pg_|postgres)'`,
  );
  const names = [...others.map((row) => String(row.name)), 'template0', 'template1'];
  const words = ['all', 'sameuser', 'samerole', 'samegroup', 'replication', 'pgbouncer'];
  for (const name of [...names, ...words]) {
    const { status, body } = await post(alice.api, name);
    expect({ status, body }).toEqual({ status: 409, body: taken(name) });
  }
  const { status, body } = await post(alice.api, 'ALL');
  expect({ status, body }).toEqual({ status: 409, body: taken('all') });
});

test('one database is shown to its owner and to administrators, alike on both prefixes', async () => {
  const created = await createDatabase(alice.api);
  for (const caller of [alice, admin]) {
    for (const prefix of ['/api/databases', '/databases']) {
      const { status, body } = await caller.api.get(`${prefix}/${created.database_id}`);
      expect({ status, body }).toEqual({ status: 200, body: created });
    }
  }
  const upper = await alice.api.get(`/api/databases/${created.database_id.toUpperCase()}`);
  expect({ status: upper.status, body: upper.body }).toEqual({ status: 200, body: created });
});

test('unknown and foreign are one answer', async () => {
  const { database_id } = await createDatabase(alice.api);
  for (const id of [database_id, unknownId()]) {
    for (const method of ['GET', 'DELETE']) {
      const { status, body } = await bob.api.send({ method, path: `/databases/${id}` });
      expect({ status, body }).toEqual({
        status: 404,
        body: { error: 'Database not found or not owned by user' },
      });
    }
  }
  expect((await alice.api.get(`/api/databases/${database_id}`)).status).toBe(200);
});

test.each(['1', 'shop', '00000000-0000-0000-0000-00000000000', "1'--", '%00', 'null'])(
  'the id %s is no UUID',
  async (id) => {
    for (const method of ['GET', 'DELETE']) {
      const { status, body } = await alice.api.send({ method, path: `/api/databases/${id}` });
      expect({ status, body }).toEqual({ status: 400, body: { error: 'Invalid database ID format' } });
    }
  },
);
