/** What a person changes in the cluster by hand comes back: issue of the foundation, pgweb contract 4.1, 4.6. */
import { beforeEach, expect, test } from 'vitest';
import { as, groupRoles, quote, refusal, superuser } from './support/cluster.ts';
import { createPerson, type Person } from './support/people.ts';
import { useProduct } from './support/product.ts';
import { createDatabase, createPgUser, getDatabase } from './support/resources.ts';
import { until } from './support/until.ts';
import type { AuditEntry, CreatedPgUser, Database } from './support/wire.ts';

const product = useProduct({ env: { BACKYARD_RECONCILE_INTERVAL: '1' } });
let alice: Person;
let database: Database;
let writer: CreatedPgUser;
let reader: CreatedPgUser;

beforeEach(async () => {
  alice ??= await createPerson(product(), 'alice');
  database = await createDatabase(alice.api);
  writer = await createPgUser(alice.api, database.database_id, 'write');
  reader = await createPgUser(alice.api, database.database_id, 'read');
  await as(writer.connection, (client) =>
    client.query('create table note (id int); insert into note values (1)'),
  );
});

/** One statement of the superuser inside the database of the test. */
function byHand(statement: string) {
  return superuser(product(), statement, [], database.pg_database_name);
}

/** Waits until the superuser sees `wanted` as the one value of the query. */
async function repaired(what: string, query: string, wanted: unknown): Promise<void> {
  await until(
    async () => {
      const [row] = await byHand(query);
      const seen = Object.values(row ?? {})[0];
      if (seen !== wanted) throw new Error(`still ${JSON.stringify(seen)}`);
      return true;
    },
    { what },
  );
}

function privilege(role: string, table: string, kind: string): string {
  return `select has_table_privilege('${role}', '${table}', '${kind}')`;
}

test('a dropped login comes back under its name, with its password and its rights', async () => {
  const login = quote(writer.connection.user);
  await byHand(`drop owned by ${login}; drop role ${login}`);
  expect(await refusal(writer.connection)).toBe('28P01');
  await until(async () => (await refusal(writer.connection)) === undefined, { what: 'the login is back' });
  await until(
    () =>
      as(
        writer.connection,
        async (client) => (await client.query('insert into note values (2)')).rowCount === 1,
      ),
    { what: 'it may write' },
  );
});

test('a lost membership comes back, a foreign one is taken away', async () => {
  const { read, write } = groupRoles(database.database_id);
  const [own, other] = [quote(reader.connection.user), writer.connection.user];
  await byHand(`revoke ${quote(read)} from ${own}; grant ${quote(write)} to ${own}`);
  await repaired(
    'the reader reads',
    `select pg_has_role('${reader.connection.user}', '${read}', 'member')`,
    true,
  );
  await repaired(
    'and writes no more',
    `select pg_has_role('${reader.connection.user}', '${write}', 'member')`,
    false,
  );
  await byHand(`grant ${quote(write)} to ${quote(other)} with admin option`);
  await repaired(
    'the admin option is gone',
    `select bool_or(admin_option) from pg_auth_members where member = '${other}'::regrole`,
    false,
  );
  await byHand(`grant pg_read_all_data to ${own}`);
  await repaired(
    'no role of the cluster',
    `select pg_has_role('${reader.connection.user}', 'pg_read_all_data', 'member')`,
    false,
  );
});

test('a login made powerful or closed by hand is neither for long', async () => {
  const { user } = reader.connection;
  await byHand(
    `alter role ${quote(user)} superuser createdb createrole replication bypassrls connection limit -1`,
  );
  await repaired(
    'no power is left',
    `select rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls or rolconnlimit <> 20
     from pg_roles where rolname = '${user}'`,
    false,
  );
  await byHand(`alter role ${quote(user)} nologin`);
  await until(async () => (await refusal(reader.connection)) === undefined, { what: 'the login is open' });
  const group = groupRoles(database.database_id).write;
  await byHand(`alter role ${quote(group)} login superuser`);
  await repaired(
    'the group is a group',
    `select rolcanlogin or rolsuper from pg_roles where rolname = '${group}'`,
    false,
  );
});

test('settings of the database come back', async () => {
  const name = quote(database.pg_database_name);
  await byHand(`alter database ${name} connection limit -1`);
  await byHand(`alter database ${name} owner to postgres`);
  const look = (column: string) =>
    `select ${column} from pg_database where datname = '${database.pg_database_name}'`;
  await repaired('the limit', look('datconnlimit'), 50);
  await repaired('the owner', look('pg_get_userbyid(datdba)'), groupRoles(database.database_id).owner);
});

test('a database that was closed by hand opens again', async () => {
  const name = quote(database.pg_database_name);
  await superuser(product(), `alter database ${name} allow_connections false`);
  await until(async () => (await refusal(reader.connection)) === undefined, { what: 'the database is open' });
});

test('PUBLIC gets nothing, here and in the other databases of the cluster', async () => {
  const name = database.pg_database_name;
  await byHand(`grant all on database ${quote(name)} to public; grant all on schema public to public`);
  await superuser(product(), 'grant connect, temporary on database postgres to public');
  const holds = (database_name: string) =>
    `select exists (select from pg_database d, aclexplode(d.datacl) a where a.grantee = 0 and datname = '${database_name}')`;
  await repaired('nothing on the database', holds(name), false);
  await repaired('nothing on postgres', holds('postgres'), false);
  await repaired(
    'nothing on the schema',
    `select exists (select from pg_namespace n, aclexplode(n.nspacl) a where a.grantee = 0 and nspname = 'public')`,
    false,
  );
});

test('a grant too many goes, a grant too few comes back', async () => {
  const { read, write } = groupRoles(database.database_id);
  const { user } = reader.connection;
  await byHand(
    `grant all on table note to ${quote(user)}, ${quote(read)}; grant create on schema public to ${quote(read)}`,
  );
  await repaired('the reader inserts no more', privilege(user, 'note', 'insert'), false);
  await repaired(
    'the group makes nothing',
    `select has_schema_privilege('${read}', 'public', 'create')`,
    false,
  );
  await byHand(
    `revoke select on note from ${quote(read)}; revoke usage on schema public from ${quote(read)}`,
  );
  await repaired('the reader reads', privilege(user, 'note', 'select'), true);
  await repaired('the schema is open', `select has_schema_privilege('${user}', 'public', 'usage')`, true);
  await byHand(`revoke connect, create on database ${quote(database.pg_database_name)} from ${quote(write)}`);
  await repaired(
    'the writer makes schemas',
    `select has_database_privilege('${writer.connection.user}', current_database(), 'connect, create')`,
    true,
  );
});

test('default privileges lost by hand hold again for what is made later', async () => {
  const { read, write } = groupRoles(database.database_id);
  await byHand(
    `alter default privileges for role ${quote(write)} revoke select on tables from ${quote(read)}`,
  );
  let n = 0;
  await until(
    async () => {
      n += 1;
      await as(writer.connection, (client) => client.query(`create table later_${n} (id int)`));
      await as(reader.connection, (client) => client.query(`select from later_${n}`));
      return true;
    },
    { what: 'a new table is readable', everyMs: 300 },
  );
});

test('what a write user drops of its own rights comes back', async () => {
  await as(writer.connection, (client) => client.query('drop owned by current_user cascade'));
  await until(
    () => as(writer.connection, async (client) => (await client.query('create table anew ()')) && true),
    { what: 'the writer writes again' },
  );
});

test('a database that vanished is told, not made anew and empty', async () => {
  const path = `/api/databases/${database.database_id}/audit`;
  const before = (await alice.api.get<readonly AuditEntry[]>(path)).body.length;
  await superuser(product(), `drop database ${quote(database.pg_database_name)} with (force)`);
  await until(async () => (await alice.api.get<readonly AuditEntry[]>(path)).body.length > before, {
    what: 'an audit entry tells of it',
  });
  const found = await superuser(product(), 'select 1 from pg_database where datname = $1', [
    database.pg_database_name,
  ]);
  expect(found).toEqual([]);
  expect((await getDatabase(alice.api, database.database_id)).database_id).toBe(database.database_id);
});
