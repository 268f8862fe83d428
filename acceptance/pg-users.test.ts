/** The logins of a database: the pgweb contract, sections 2, 3, 4.1 and 4.4. */
import { beforeAll, expect, test } from 'vitest';
import { as, connect, failure, groupRoles, refusal, superuser } from './support/cluster.ts';
import { createPerson, type Person, theAdmin, uniqueName } from './support/people.ts';
import { useProduct } from './support/product.ts';
import { createDatabase, createPgUser, listPgUsers, rotate, unknownId } from './support/resources.ts';
import type { CreatedPgUser, Database, ErrorBody } from './support/wire.ts';

const product = useProduct();
let alice: Person;
let bob: Person;
/** One database of alice that all tests may add users to. */
let home: Database;

beforeAll(async () => {
  alice = await createPerson(product(), 'alice');
  bob = await createPerson(product(), 'bob');
  home = await createDatabase(alice.api);
});

const invalidUsername =
  "Invalid PostgreSQL username. Must be 3-63 chars, lowercase alphanumeric, underscores, start with letter, no 'pg_' prefix.";

function post(body: unknown, databaseId = home.database_id, person = alice) {
  return person.api.post<CreatedPgUser & ErrorBody>(`/api/databases/${databaseId}/pgusers`, body);
}

test.each(['read', 'write'] as const)(
  'a created %s user answers with exactly what the contract lists',
  async (level) => {
    const username = uniqueName('user_');
    const { status, body } = await post({ username, permission_level: level });
    expect(status).toBe(201);
    const { host, port, database } = home.connection;
    const { password } = body;
    expect(body).toEqual({
      pg_user_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      managed_database_id: home.database_id,
      pg_username: username,
      permission_level: level,
      status: 'active',
      created_at: expect.stringMatching(/Z$/),
      updated_at: expect.stringMatching(/Z$/),
      password: expect.stringMatching(/^[A-Za-z0-9_-]{32}$/),
      connection: {
        host,
        port,
        database,
        user: username,
        password,
        uri: `postgresql://${username}:${password}@${host}:${port}/${database}?sslmode=prefer`,
      },
    });
    expect(await refusal(body.connection)).toBeUndefined();
    expect(await refusal({ ...body.connection, password: `${password}x` })).toBe('28P01');
  },
);

test('the login role has the promised shape', async () => {
  const { connection } = await createPgUser(alice.api, home.database_id, 'write');
  const [role] = await superuser(
    product(),
    `select rolcanlogin, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, rolconnlimit,
       left(rolpassword, 14) as verifier from pg_authid where rolname = $1`,
    [connection.user],
  );
  expect(role).toEqual({
    rolcanlogin: true,
    rolsuper: false,
    rolcreatedb: false,
    rolcreaterole: false,
    rolreplication: false,
    rolbypassrls: false,
    rolconnlimit: 20,
    verifier: 'SCRAM-SHA-256$',
  });
  const memberships = await superuser(
    product(),
    `select roleid::regrole::text as granted, admin_option from pg_auth_members where member = $1::regrole`,
    [connection.user],
  );
  expect(memberships).toEqual([{ granted: groupRoles(home.database_id).write, admin_option: false }]);
  const settings = await as(connection, async (client) => {
    const shown = await client.query(
      `select current_setting('statement_timeout') as statement_timeout,
         current_setting('idle_in_transaction_session_timeout') as idle, current_user as acting`,
    );
    return shown.rows[0];
  });
  expect(settings).toEqual({
    statement_timeout: '2min',
    idle: '10min',
    acting: groupRoles(home.database_id).write,
  });
});

test('a user name is trimmed and lower-cased', async () => {
  const username = uniqueName('Jane_');
  const { status, body } = await post({ username: ` ${username} `, permission_level: 'read' });
  expect(status).toBe(201);
  expect(body.pg_username).toBe(username.toLowerCase());
});

test.each(
  [
    'ab',
    'a'.repeat(64),
    '1abc',
    '_abc',
    'a-b-c',
    'a b c',
    '   ',
    'pg_reader',
    'PG_reader',
    'jäne',
    'ｊａｎｅ',
    'jane\u212a',
    'jane\u0000',
    'jane;drop role postgres',
    'jane"',
    "jane'--",
  ].map((name) => [JSON.stringify(name).slice(0, 40), name]),
)('the user name %s is refused', async (_, username) => {
  const { status, body } = await post({ username, permission_level: 'read' });
  expect({ status, body }).toEqual({ status: 400, body: { error: invalidUsername } });
});

test.each([
  ['[]', 'body must be an object'],
  ['{', 'malformed JSON'],
  ['{"permission_level": "read"}', 'username is required'],
  ['{"username": null, "permission_level": "read"}', 'username is required'],
  ['{"username": "", "permission_level": "read"}', 'username is required'],
  ['{"username": 7, "permission_level": "read"}', 'username must be a string'],
  ['{"username": "jane"}', 'permission_level is required'],
  ['{"username": "jane", "permission": "read"}', 'permission_level is required'],
  ['{"username": "jane", "permission_level": ""}', 'permission_level is required'],
  ['{"username": "jane", "permission_level": 1}', 'permission_level must be a string'],
  ['{"username": "jane", "permission_level": ["read"]}', 'permission_level must be a string'],
  ['{"username": "jane", "permission_level": "READ"}', 'permission_level must be one of read, write'],
  ['{"username": "jane", "permission_level": "admin"}', 'permission_level must be one of read, write'],
])('the body %s is refused: %s', async (raw, ending) => {
  const { status, body } = await alice.api.send({
    method: 'POST',
    path: `/databases/${home.database_id}/pgusers`,
    raw,
    headers: { 'content-type': 'application/json' },
  });
  expect({ status, body }).toEqual({ status: 400, body: { error: `Invalid request payload: ${ending}` } });
});

test('a user name is unique inside one database only, and opens only that', async () => {
  const other = await createDatabase(bob.api);
  const username = uniqueName('twin_');
  const first = await post({ username, permission_level: 'write' });
  const again = await post({ username: username.toUpperCase(), permission_level: 'read' });
  expect({ status: again.status, body: again.body }).toEqual({
    status: 409,
    body: { error: `PostgreSQL username '${username}' already exists in this database.` },
  });
  const second = await post({ username, permission_level: 'write' }, other.database_id, bob);
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(second.body.pg_username).toBe(username);
  expect(second.body.connection.user).toMatch(new RegExp(`^${username}_[a-z0-9]{5}$`));
  for (const [own, foreign] of [
    [first, second],
    [second, first],
  ] as const) {
    expect(await refusal(own.body.connection)).toBeUndefined();
    const { database } = foreign.body.connection;
    expect(await refusal({ ...own.body.connection, database })).toBe('42501');
  }
});

test('a long name that is in use elsewhere is cut to make room for the suffix', async () => {
  const username = uniqueName('long_').padEnd(63, 'x');
  const other = await createDatabase(alice.api);
  const first = await createPgUser(alice.api, home.database_id, 'read', username);
  expect(first.connection.user).toBe(username);
  const second = await createPgUser(alice.api, other.database_id, 'read', username);
  expect(second.connection.user).toMatch(new RegExp(`^${username.slice(0, 57)}_[a-z0-9]{5}$`));
  expect(await refusal(second.connection)).toBeUndefined();
});

test('a reserved name becomes a login with a suffix and takes nothing over', async () => {
  const { owner, write } = groupRoles(home.database_id);
  const future = `by_${'0123456789abcdef'.repeat(2)}_read`;
  const words = ['postgres', 'public', 'none', 'user', 'current_user', 'session_user', 'all', 'replication'];
  const supabase = [
    'pgbouncer',
    'anon',
    'authenticated',
    'authenticator',
    'service_role',
    'my_authenticator',
  ];
  for (const username of [...words, ...supabase, owner, write, future]) {
    const { status, body } = await post({ username, permission_level: 'read' });
    expect({ username, status }).toEqual({ username, status: 201 });
    expect(body.pg_username).toBe(username);
    expect(body.connection.user).toMatch(new RegExp(`^${username.slice(0, 57)}_[a-z0-9]{5}$`));
    expect(await refusal(body.connection)).toBeUndefined();
  }
  await createDatabase(alice.api);
});

test('the list shows the newest first and no password', async () => {
  const { database_id } = await createDatabase(alice.api);
  const path = `/api/databases/${database_id}/pgusers`;
  expect((await alice.api.get(path)).body).toEqual([]);
  const made: CreatedPgUser[] = [];
  for (const level of ['read', 'write', 'read'] as const) {
    made.unshift(await createPgUser(alice.api, database_id, level));
  }
  const { text, body } = await alice.api.get(path);
  expect(body).toEqual(
    made.map(({ password: _, connection: { password: __, uri: ___, ...connection }, ...user }) => {
      const { host, port, database, user: login } = connection;
      return {
        ...user,
        connection: {
          ...connection,
          uri: `postgresql://${login}@${host}:${port}/${database}?sslmode=prefer`,
        },
      };
    }),
  );
  for (const { password } of made) expect(text).not.toContain(password);
  for (const twin of [`/databases/${database_id}/pgusers`, `/databases/${database_id}/users`]) {
    expect((await alice.api.get(twin)).body).toEqual(body);
  }
});

test('regenerating ends the old password for new sessions, and leaves open ones', async () => {
  const user = await createPgUser(alice.api, home.database_id, 'write');
  const open = await connect(user.connection);
  const rotated = await rotate(alice.api, user);
  const { host, port, database, user: login } = user.connection;
  expect(rotated).toEqual({
    new_password: expect.stringMatching(/^[A-Za-z0-9_-]{32}$/),
    connection: {
      ...user.connection,
      password: rotated.new_password,
      uri: `postgresql://${login}:${rotated.new_password}@${host}:${port}/${database}?sslmode=prefer`,
    },
  });
  expect(rotated.new_password).not.toBe(user.password);
  expect(await refusal(user.connection)).toBe('28P01');
  expect(await refusal(rotated.connection)).toBeUndefined();
  expect((await open.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  const listed = (await listPgUsers(alice.api, home.database_id)).find(
    (one) => one.pg_user_id === user.pg_user_id,
  );
  expect(Date.parse(listed?.updated_at ?? '')).toBeGreaterThan(Date.parse(user.updated_at));
  const last = await rotate(alice.api, user, { terminate_sessions: true });
  expect(await failure(open, 'select 1').catch(() => 'closed')).not.toBeUndefined();
  await open.end();
  expect(await refusal(last.connection)).toBeUndefined();
});

test('users and databases that do not meet are told apart only where both may be seen', async () => {
  const user = await createPgUser(alice.api, home.database_id, 'read');
  const other = await createDatabase(alice.api);
  const foreign = await createDatabase(bob.api);
  const foreignUser = await createPgUser(bob.api, foreign.database_id, 'read');
  const notFound = { status: 404, error: 'PostgreSQL user not found or parent database not owned by user' };
  const mismatch = { status: 400, error: 'PostgreSQL user does not belong to the specified database' };
  const cases: readonly [string, string, typeof notFound][] = [
    ['nope', 'nope', { status: 400, error: 'Invalid database ID format' }],
    [home.database_id, 'nope', { status: 400, error: 'Invalid PostgreSQL user ID format' }],
    [unknownId(), user.pg_user_id, notFound],
    [home.database_id, unknownId(), notFound],
    [foreign.database_id, foreignUser.pg_user_id, notFound],
    [home.database_id, foreignUser.pg_user_id, notFound],
    [other.database_id, user.pg_user_id, mismatch],
  ];
  for (const [databaseId, userId, { status, error }] of cases) {
    const path = `/api/databases/${databaseId}/pgusers/${userId}`;
    for (const answer of [
      await alice.api.post(`${path}/regenerate-password`),
      await alice.api.delete(path),
    ]) {
      expect({ path, status: answer.status, body: answer.body }).toEqual({ path, status, body: { error } });
    }
  }
  const admin = await theAdmin(product());
  const reached = await admin.api.post(
    `/api/databases/${home.database_id}/pgusers/${foreignUser.pg_user_id}/regenerate-password`,
  );
  expect(reached).toMatchObject({ status: 400, body: { error: mismatch.error } });
  expect(await refusal(user.connection)).toBeUndefined();
  expect(await refusal(foreignUser.connection)).toBeUndefined();
});
