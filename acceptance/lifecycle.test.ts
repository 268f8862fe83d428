/** Soft deletion, the way back, and the purge: pgweb contract, sections 2, 4.5 and 6. */
import { beforeAll, describe, expect, test } from 'vitest';
import { as, beyond, connect, inventory, refusal, superuser } from './support/cluster.ts';
import { createPerson, type Person } from './support/people.ts';
import { useProduct } from './support/product.ts';
import {
  createDatabase,
  createPgUser,
  getDatabase,
  listPgUsers,
  purged,
  softDelete,
} from './support/resources.ts';
import type { DatabaseMessage } from './support/wire.ts';

const day = 24 * 60 * 60 * 1_000;

function sessionsInto(product: Parameters<typeof superuser>[0], database: string) {
  return superuser(product, 'select usename, state from pg_stat_activity where datname = $1', [database]);
}

describe('with the usual retention', () => {
  const product = useProduct({ env: { BACKYARD_RECONCILE_INTERVAL: '2' } });
  let alice: Person;

  beforeAll(async () => {
    alice = await createPerson(product(), 'alice');
  });

  test('deleting cuts every session before it answers, and nobody gets in again', async () => {
    const database = await createDatabase(alice.api);
    const { connection } = await createPgUser(alice.api, database.database_id, 'write');
    const reader = await createPgUser(alice.api, database.database_id, 'read');
    const busy = await connect(connection);
    const idle = await connect(reader.connection);
    const inTransaction = await connect(connection);
    await inTransaction.query('begin; create table half_done ()');
    const query = busy.query('select pg_sleep(60)').then(
      () => 'finished',
      (error: { code?: string }) => error.code,
    );
    const { status, body } = await alice.api.delete<DatabaseMessage>(
      `/api/databases/${database.database_id}`,
    );
    expect(await sessionsInto(product(), database.pg_database_name)).toEqual([]);
    expect(status).toBe(200);
    expect(body.message).toBe('Database soft-deleted successfully');
    expect(await query).toBe('57P01');
    for (const client of [idle, inTransaction]) {
      await expect(client.query('select 1')).rejects.toThrow();
      await client.end();
    }
    await busy.end();
    for (const login of [connection, reader.connection]) expect(await refusal(login)).toBe('28000');
    const { deleted_at, purge_after } = body.database;
    expect(body.database).toMatchObject({ status: 'soft_deleted', database_id: database.database_id });
    expect(Date.parse(purge_after ?? '') - Date.parse(deleted_at ?? '')).toBe(7 * day);
    expect(Math.abs(Date.parse(deleted_at ?? '') - Date.now())).toBeLessThan(15_000);
    expect(await getDatabase(alice.api, database.database_id)).toEqual(body.database);
  });

  test('a second deletion changes nothing', async () => {
    const { database_id } = await createDatabase(alice.api);
    const first = await softDelete(alice.api, database_id);
    const { status, body } = await alice.api.delete<DatabaseMessage>(`/databases/${database_id}`);
    expect({ status, body }).toEqual({
      status: 200,
      body: { message: 'Database already soft-deleted', database: first },
    });
  });

  test('all comes back: data, users, old passwords', async () => {
    const database = await createDatabase(alice.api);
    const writer = await createPgUser(alice.api, database.database_id, 'write');
    const reader = await createPgUser(alice.api, database.database_id, 'read');
    await as(writer.connection, (client) => client.query(`create table kept as select 'still here' as note`));
    await softDelete(alice.api, database.database_id);
    const deleted = await listPgUsers(alice.api, database.database_id);
    expect(deleted.map((user) => user.status)).toEqual([
      'deactivated_db_soft_deleted',
      'deactivated_db_soft_deleted',
    ]);
    const { status, body } = await alice.api.post<DatabaseMessage>(
      `/api/databases/${database.database_id}/undelete`,
    );
    expect(status).toBe(200);
    expect(body).toEqual({
      message: 'Database restored successfully',
      database: { ...database, updated_at: expect.any(String) },
    });
    const back = await listPgUsers(alice.api, database.database_id);
    expect(back.map((user) => user.status)).toEqual(['active', 'active']);
    for (const { connection } of [writer, reader]) {
      const { rows } = await as(connection, (client) => client.query('select note from kept'));
      expect(rows).toEqual([{ note: 'still here' }]);
    }
    await as(writer.connection, (client) => client.query(`insert into kept values ('and works')`));
  });

  test('a user deleted meanwhile does not come back', async () => {
    const { database_id } = await createDatabase(alice.api);
    const stays = await createPgUser(alice.api, database_id, 'read');
    const leaves = await createPgUser(alice.api, database_id, 'write');
    await softDelete(alice.api, database_id);
    await alice.api.delete(`/databases/${database_id}/pgusers/${leaves.pg_user_id}`);
    expect((await alice.api.post(`/databases/${database_id}/undelete`)).status).toBe(200);
    expect(await refusal(stays.connection)).toBeUndefined();
    expect(await refusal(leaves.connection)).toBe('28P01');
  });

  test('only a soft-deleted database can be restored', async () => {
    const { database_id } = await createDatabase(alice.api);
    const { status, body } = await alice.api.post(`/api/databases/${database_id}/undelete`);
    expect({ status, body }).toEqual({
      status: 409,
      body: { error: 'Database is not soft-deleted (current state: active)' },
    });
  });

  test('a soft-deleted database stays as it is over a restart', async () => {
    const database = await createDatabase(alice.api);
    const { connection } = await createPgUser(alice.api, database.database_id, 'write');
    const deleted = await softDelete(alice.api, database.database_id);
    await product().restart();
    expect(await getDatabase(alice.api, database.database_id)).toEqual(deleted);
    expect(await refusal(connection)).toBe('28000');
  });
});

describe('without retention', () => {
  const product = useProduct({ env: { DATABASE_RETENTION_DAYS: '0', BACKYARD_RECONCILE_INTERVAL: '1' } });

  test('the purge leaves nothing and frees the name', async () => {
    const alice = await createPerson(product(), 'alice');
    const before = await inventory(product());
    const keeps = await createDatabase(alice.api);
    const kept = await createPgUser(alice.api, keeps.database_id, 'write');
    const made = beyond(before, await inventory(product()));
    const database = await createDatabase(alice.api);
    const { connection } = await createPgUser(alice.api, database.database_id, 'write');
    await createPgUser(alice.api, database.database_id, 'read');
    await as(connection, async (client) => {
      await client.query('create table gone (id int); create schema aside; create table aside.gone (id int)');
      await client.query('set role none; create table own (id int)');
    });
    await softDelete(alice.api, database.database_id);
    await purged(alice.api, database.database_id);
    expect(beyond(before, await inventory(product()))).toEqual(made);
    expect(await refusal(kept.connection)).toBeUndefined();
    const { body } = await alice.api.get('/api/databases');
    expect(body).toEqual([await getDatabase(alice.api, keeps.database_id)]);
    for (const path of ['', '/pgusers', '/usage', '/audit']) {
      expect((await alice.api.get(`/api/databases/${database.database_id}${path}`)).status).toBe(404);
    }
    const again = await createDatabase(alice.api, database.pg_database_name);
    expect(again.database_id).not.toBe(database.database_id);
    const { connection: fresh } = await createPgUser(alice.api, again.database_id, 'write');
    const { rows } = await as(fresh, (client) => client.query(`select to_regclass('gone') as found`));
    expect(rows).toEqual([{ found: null }]);
  });
});
