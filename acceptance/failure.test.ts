/** A step that fails once: pgweb contract 4.3, 4.4, 4.5 and 7, point 11. Each point is one start. */
import { afterAll, describe, expect, test } from 'vitest';
import { beyond, type Inventory, inventory, refusal } from './support/cluster.ts';
import { type FailPoint, listFailPoints } from './support/fail-points.ts';
import { type Person, theAdmin, uniqueName } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { createDatabase, createPgUser, getDatabase, listPgUsers, rotate } from './support/resources.ts';
import { until } from './support/until.ts';
import type { Database } from './support/wire.ts';

const points = await listFailPoints();

/** One data directory for all points. Its Postgres lives on while the server is started anew. */
let product: Product | undefined;

afterAll(async () => {
  await product?.dispose();
});

/** The product with the point armed, and its administrator. */
async function armed({ point }: FailPoint): Promise<{ product: Product; admin: Person }> {
  product ??= await startProduct({ env: { BACKYARD_RECONCILE_INTERVAL: '3600' } });
  await product.kill();
  await product.start({ BACKYARD_FAIL_POINT: `error:${point}` });
  return { product, admin: await theAdmin(product) };
}

function at(...places: readonly string[]): readonly [string, FailPoint][] {
  return points.filter(({ place }) => places.includes(place)).map((point) => [point.point, point]);
}

async function nothingBeyond(running: Product, before: Inventory): Promise<void> {
  expect(beyond(before, await inventory(running))).toEqual({ databases: [], roles: [] });
}

test('the server lists points for every kind of work', () => {
  expect(at('database/active').length).toBeGreaterThan(8);
  for (const place of ['pg_user/active', 'database/suspended', 'pg_user/absent', 'database/absent']) {
    expect(at(place), place).not.toEqual([]);
  }
});

describe('creating a database', () => {
  test.each(at('database/active'))('%s', async (_, point) => {
    const { product: running, admin } = await armed(point);
    const before = await inventory(running);
    const name = uniqueName('fails');
    const failed = await admin.api.post<Database>('/api/databases', { name });
    if (failed.status === 201) return expect(neverReachedByCreate).toContain(point.point);
    expect({ status: failed.status, body: failed.body }).toEqual({
      status: 500,
      body: { error: 'Failed to provision database' },
    });
    await nothingBeyond(running, before);
    const listed = (await admin.api.get<readonly Database[]>('/api/databases')).body;
    expect(listed.map((one) => one.pg_database_name)).not.toContain(name);
    const database = await createDatabase(admin.api, name);
    const { connection } = await createPgUser(admin.api, database.database_id, 'write');
    expect(await refusal(connection)).toBeUndefined();
  });
});

describe('creating a user', () => {
  test.each(at('pg_user/active'))('%s', async (_, point) => {
    const { product: running, admin } = await armed(point);
    const database = await createDatabase(admin.api);
    const before = await inventory(running);
    const body = { username: uniqueName('fails_'), permission_level: 'write' };
    const path = `/api/databases/${database.database_id}/pgusers`;
    const failed = await admin.api.post(path, body);
    if (failed.status === 201) return expect(neverReachedByCreate).toContain(point.point);
    expect({ status: failed.status, body: failed.body }).toEqual({
      status: 500,
      body: { error: 'Failed to provision PostgreSQL user' },
    });
    await nothingBeyond(running, before);
    expect(await listPgUsers(admin.api, database.database_id)).toEqual([]);
    const user = await createPgUser(admin.api, database.database_id, 'write', body.username);
    expect(await refusal(user.connection)).toBeUndefined();
  });
});

/** Steps that mend what exists: a fresh database or user never needs them. */
const neverReachedByCreate: readonly string[] = [];

describe('deleting a database', () => {
  test.each(at('database/suspended'))('%s', async (_, point) => {
    const { admin } = await armed(point);
    const database = await createDatabase(admin.api);
    const { connection } = await createPgUser(admin.api, database.database_id, 'write');
    const failed = await admin.api.delete(`/api/databases/${database.database_id}`);
    expect({ status: failed.status, body: failed.body }).toEqual({
      status: 500,
      body: { error: 'Failed to soft-delete database' },
    });
    await until(async () => (await getDatabase(admin.api, database.database_id)).status === 'soft_deleted', {
      what: 'the reconciler carried on',
    });
    expect(await refusal(connection)).toBeDefined();
    expect((await admin.api.post(`/api/databases/${database.database_id}/undelete`)).status).toBe(200);
    expect(await refusal(connection)).toBeUndefined();
  });
});

describe('regenerating a password', () => {
  test.each(at('operation/pg-user.rotate-password'))('%s', async (_, point) => {
    const { admin } = await armed(point);
    const database = await createDatabase(admin.api);
    const user = await createPgUser(admin.api, database.database_id, 'read');
    const path = `/api/databases/${database.database_id}/pgusers/${user.pg_user_id}/regenerate-password`;
    const failed = await admin.api.post(path);
    expect({ status: failed.status, body: failed.body }).toEqual({
      status: 500,
      body: { error: 'Failed to regenerate PostgreSQL user password' },
    });
    expect(await refusal((await rotate(admin.api, user)).connection)).toBeUndefined();
  });
});
