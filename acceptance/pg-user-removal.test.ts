/** What happens to logins when they, or their database, are deleted: pgweb contract, sections 3, 4.1 and 6. */
import { beforeAll, expect, test } from 'vitest';
import { as, refusal, superuser } from './support/cluster.ts';
import { createPerson, type Person } from './support/people.ts';
import { useProduct } from './support/product.ts';
import { createDatabase, createPgUser, listPgUsers, softDelete } from './support/resources.ts';

const product = useProduct();
let alice: Person;

beforeAll(async () => {
  alice = await createPerson(product(), 'alice');
});

test('a deleted user is gone from the list and the cluster, and its sessions with it', async () => {
  const { database_id } = await createDatabase(alice.api);
  const user = await createPgUser(alice.api, database_id, 'read');
  const path = `/api/databases/${database_id}/pgusers/${user.pg_user_id}`;
  await as(user.connection, async (client) => {
    const asleep = client.query('select pg_sleep(60)').then(
      () => 'slept',
      () => 'ended',
    );
    const { status, text } = await alice.api.delete(path);
    expect({ status, text }).toEqual({ status: 204, text: '' });
    expect(await asleep).toBe('ended');
  });
  expect(await refusal(user.connection)).toBe('28P01');
  expect(await listPgUsers(alice.api, database_id)).toEqual([]);
  const roles = await superuser(product(), 'select 1 from pg_roles where rolname = $1', [
    user.connection.user,
  ]);
  expect(roles).toEqual([]);
  expect((await alice.api.delete(path)).status).toBe(404);
});

test('what a deleted user made stays, and other write users may alter it', async () => {
  const { database_id } = await createDatabase(alice.api);
  const maker = await createPgUser(alice.api, database_id, 'write');
  const heir = await createPgUser(alice.api, database_id, 'write');
  const reader = await createPgUser(alice.api, database_id, 'read');
  await as(maker.connection, async (client) => {
    await client.query('create table as_group (id int); insert into as_group values (1)');
    await client.query('set role none');
    await client.query('create table as_login (id int); insert into as_login values (2)');
    await client.query('create schema own; create table own.deep (id int); insert into own.deep values (3)');
    await client.query('create sequence own.counter; create view own.shown as select * from own.deep');
  });
  const path = `/databases/${database_id}/pgusers/${maker.pg_user_id}`;
  expect((await alice.api.delete(path)).status).toBe(204);
  await as(heir.connection, async (client) => {
    for (const table of ['as_group', 'as_login', 'own.deep']) {
      await client.query(`alter table ${table} add column note text; update ${table} set note = 'mine'`);
    }
    await client.query('drop view own.shown; drop sequence own.counter');
  });
  await as(reader.connection, async (client) => {
    for (const table of ['as_group', 'as_login', 'own.deep']) {
      expect((await client.query(`select note from ${table}`)).rows).toEqual([{ note: 'mine' }]);
    }
  });
});

test('a deleted name can be given again', async () => {
  const { database_id } = await createDatabase(alice.api);
  const first = await createPgUser(alice.api, database_id, 'write', 'again_and_again');
  await alice.api.delete(`/databases/${database_id}/pgusers/${first.pg_user_id}`);
  const second = await createPgUser(alice.api, database_id, 'read', 'again_and_again');
  expect(second.connection.user).toBe('again_and_again');
  expect(second.pg_user_id).not.toBe(first.pg_user_id);
  expect(await refusal(second.connection)).toBeUndefined();
});

test('on a soft-deleted database users are listed and can be deleted, nothing else', async () => {
  const { database_id } = await createDatabase(alice.api);
  const user = await createPgUser(alice.api, database_id, 'read');
  await softDelete(alice.api, database_id);
  const [listed] = await listPgUsers(alice.api, database_id);
  expect(listed).toMatchObject({ pg_user_id: user.pg_user_id, status: 'deactivated_db_soft_deleted' });
  const path = `/databases/${database_id}/pgusers`;
  expect(await alice.api.post(path, { username: 'jane', permission_level: 'read' })).toMatchObject({
    status: 409,
    body: { error: 'Database is not in active state (current state: soft_deleted)' },
  });
  expect(await alice.api.post(`${path}/${user.pg_user_id}/regenerate-password`)).toMatchObject({
    status: 409,
    body: { error: 'PostgreSQL user is not in active state (current state: deactivated_db_soft_deleted)' },
  });
  expect((await alice.api.delete(`${path}/${user.pg_user_id}`)).status).toBe(204);
  expect(await listPgUsers(alice.api, database_id)).toEqual([]);
});

test.each([
  ['{"terminate_sessions": "yes"}', 400],
  ['{"terminate_sessions": 1}', 400],
  ['[]', 400],
  ['{', 400],
  ['{}', 200],
  ['{"terminate_sessions": false}', 200],
  ['', 200],
])('regenerating with the body %j answers %i', async (raw, expected) => {
  const { database_id } = await createDatabase(alice.api);
  const user = await createPgUser(alice.api, database_id, 'read');
  const { status } = await alice.api.send({
    method: 'POST',
    path: `/databases/${database_id}/pgusers/${user.pg_user_id}/regenerate-password`,
    raw,
    headers: { 'content-type': 'application/json' },
  });
  expect(status).toBe(expected);
  expect(await refusal(user.connection)).toBe(expected === 200 ? '28P01' : undefined);
});
