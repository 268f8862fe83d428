/** Many requests at one moment: bars of the foundation, pgweb contract 3, 4.5 and 7. */
import { beforeAll, expect, test } from 'vitest';
import { inventory, refusal, superuser } from './support/cluster.ts';
import { createPerson, type Person, theAdmin, uniqueName } from './support/people.ts';
import { useProduct } from './support/product.ts';
import { createDatabase, createPgUser, getDatabase, listPgUsers, rotate } from './support/resources.ts';
import type { Database, DatabaseMessage } from './support/wire.ts';

const product = useProduct();
let admin: Person;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  admin = await theAdmin(product());
  alice = await createPerson(product(), 'alice');
  bob = await createPerson(product(), 'bob');
});

function times<T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => make(index)));
}

function tally(statuses: readonly number[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

test('20 parallel creates of one name: one 201, nineteen 409', async () => {
  const name = uniqueName('race');
  const callers = [alice, bob];
  const answers = await times(20, (n) =>
    (callers[n % 2] ?? alice).api.post<Database>('/api/databases', { name }),
  );
  expect(tally(answers.map((answer) => answer.status))).toEqual({ 201: 1, 409: 19 });
  const texts = new Set(answers.filter((answer) => answer.status === 409).map((answer) => answer.text));
  expect([...texts]).toEqual([
    JSON.stringify({ error: `Database name '${name}' is already taken. Please choose a different name.` }),
  ]);
  const winner = answers.find((answer) => answer.status === 201)?.body.database_id ?? '';
  expect((await getDatabase(admin.api, winner)).status).toBe('active');
});

test('50 parallel creates of 50 names: 50 databases', async () => {
  const names = Array.from({ length: 50 }, () => uniqueName('crowd'));
  const answers = await times(50, (n) => admin.api.post<Database>('/api/databases', { name: names[n] }));
  expect(tally(answers.map((answer) => answer.status))).toEqual({ 201: 50 });
  const { databases } = await inventory(product());
  expect(databases).toEqual(expect.arrayContaining(names));
  const listed = (await admin.api.get<readonly Database[]>('/api/databases')).body;
  const active = listed.filter((one) => one.status === 'active').map((one) => one.pg_database_name);
  expect(active).toEqual(expect.arrayContaining(names));
});

test('20 parallel deletions: one deletes, the others are told so', async () => {
  const { database_id } = await createDatabase(alice.api);
  const answers = await times(20, () => alice.api.delete<DatabaseMessage>(`/api/databases/${database_id}`));
  const texts = answers.map((answer) => answer.body.message ?? answer.text);
  const winners = texts.filter((text) => text === 'Database soft-deleted successfully');
  expect(winners).toHaveLength(1);
  const others = texts.filter((text) => text !== 'Database soft-deleted successfully');
  for (const text of others) {
    expect([
      'Database already soft-deleted',
      '{"error":"Database deletion is already in progress"}',
    ]).toContain(text);
  }
  const moments = answers
    .filter((answer) => answer.status === 200)
    .map((answer) => answer.body.database.purge_after);
  expect(new Set(moments).size).toBe(1);
});

test('20 parallel creates of one user: one 201, nineteen 409', async () => {
  const { database_id } = await createDatabase(alice.api);
  const body = { username: uniqueName('race_'), permission_level: 'write' };
  const answers = await times(20, () => alice.api.post(`/api/databases/${database_id}/pgusers`, body));
  expect(tally(answers.map((answer) => answer.status))).toEqual({ 201: 1, 409: 19 });
  expect(await listPgUsers(alice.api, database_id)).toHaveLength(1);
  const roles = await superuser(product(), 'select rolname from pg_roles where rolname like $1', [
    `${body.username}%`,
  ]);
  expect(roles).toHaveLength(1);
});

test('one user name in ten databases at once: ten logins, each its own', async () => {
  const username = uniqueName('common_');
  const databases = await times(10, () => createDatabase(admin.api));
  const users = await Promise.all(
    databases.map((one) => createPgUser(admin.api, one.database_id, 'read', username)),
  );
  expect(new Set(users.map((user) => user.connection.user)).size).toBe(10);
  const refusals = await Promise.all(users.map((user) => refusal(user.connection)));
  expect(refusals).toEqual(Array(10).fill(undefined));
});

test('of parallel rotations one password is valid in the end', async () => {
  const { database_id } = await createDatabase(alice.api);
  const user = await createPgUser(alice.api, database_id, 'read');
  const rotations = await times(8, () => rotate(alice.api, user));
  const passwords = rotations.map((one) => one.new_password);
  expect(new Set(passwords).size).toBe(8);
  const refusals = await Promise.all(
    [user.password, ...passwords].map((password) => refusal({ ...user.connection, password })),
  );
  expect(refusals.filter((code) => code === undefined)).toHaveLength(1);
  expect(refusals.filter((code) => code === '28P01')).toHaveLength(8);
});

test('deleting while users are being made leaves no open door', async () => {
  const { database_id } = await createDatabase(alice.api);
  const creations = times(8, () =>
    alice.api.post(`/api/databases/${database_id}/pgusers`, {
      username: uniqueName('late_'),
      permission_level: 'write',
    }),
  );
  const [answers, deletion] = await Promise.all([
    creations,
    alice.api.delete(`/api/databases/${database_id}`),
  ]);
  expect(deletion.status).toBe(200);
  for (const { status } of answers) expect([201, 409]).toContain(status);
  const users = await listPgUsers(alice.api, database_id);
  expect(users).toHaveLength(answers.filter((answer) => answer.status === 201).length);
  const open = await superuser(
    product(),
    'select rolname from pg_roles where rolcanlogin and rolname = any($1)',
    [users.map((user) => user.connection.user)],
  );
  expect(open).toEqual([]);
});
