/** A step that fails once: pgweb contract 4.3, 4.4, 4.5 and 7, point 11. Each point is one start. */
import { afterAll, describe, expect, test } from 'vitest';
import { beyond, type Inventory, inventory, refusal } from './support/cluster.ts';
import {
  createADatabase,
  createAUser,
  deleteADatabase,
  rotateAPassword,
  type Scenario,
} from './support/crash-scenarios.ts';
import { listFailPoints, matching } from './support/fail-points.ts';
import { type Person, theAdmin, uniqueName } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { createDatabase, createPgUser, getDatabase, listPgUsers, rotate } from './support/resources.ts';
import { until } from './support/until.ts';
import type { Database } from './support/wire.ts';

const points = await listFailPoints();

/** The steps that a call takes in the cluster. */
function stepsOf({ passes }: Scenario): string[] {
  return matching(points, passes).filter((point) => !/^(?:operation|settle)\//.test(point));
}

/** One data directory for all points. Its Postgres lives on while the server is started anew. */
let shared: Product | undefined;

afterAll(async () => {
  await shared?.dispose();
});

/** The product with the point armed, and its administrator. */
async function armed(point: string): Promise<{ product: Product; admin: Person }> {
  // Seldom looks: the point is then met by the call, not by a look at what was made before.
  shared ??= await startProduct({ env: { BACKYARD_RECONCILE_INTERVAL: '3600' } });
  await shared.kill();
  await shared.start({ BACKYARD_FAIL_POINT: `error:${point}` });
  return { product: shared, admin: await theAdmin(shared) };
}

/** Roles and databases are gone once the 500 is there; the row of a failed creation never shows. */
async function expectNothingBeyond(product: Product, before: Inventory): Promise<void> {
  expect(beyond(before, await inventory(product))).toEqual({ databases: [], roles: [] });
}

describe('creating a database', () => {
  test.each(stepsOf(createADatabase))('%s', async (point) => {
    const { product, admin } = await armed(point);
    const before = await inventory(product);
    const name = uniqueName('fails');
    const failed = await admin.api.post('/api/databases', { name });
    expect({ status: failed.status, body: failed.body }).toEqual({
      status: 500,
      body: { error: 'Failed to provision database' },
    });
    await expectNothingBeyond(product, before);
    const listed = (await admin.api.get<readonly Database[]>('/api/databases')).body;
    expect(listed.map((one) => one.pg_database_name)).not.toContain(name);
    const database = await createDatabase(admin.api, name);
    const { connection } = await createPgUser(admin.api, database.database_id, 'write');
    expect(await refusal(connection)).toBeUndefined();
  });
});

describe('creating a user', () => {
  test.each(stepsOf(createAUser))('%s', async (point) => {
    const { product, admin } = await armed(point);
    const database = await createDatabase(admin.api);
    const before = await inventory(product);
    const username = uniqueName('fails_');
    const path = `/api/databases/${database.database_id}/pgusers`;
    const failed = await admin.api.post(path, { username, permission_level: 'write' });
    expect({ status: failed.status, body: failed.body }).toEqual({
      status: 500,
      body: { error: 'Failed to provision PostgreSQL user' },
    });
    await expectNothingBeyond(product, before);
    expect(await listPgUsers(admin.api, database.database_id)).toEqual([]);
    const user = await createPgUser(admin.api, database.database_id, 'write', username);
    expect(await refusal(user.connection)).toBeUndefined();
  });
});

describe('deleting a database', () => {
  test.each(stepsOf(deleteADatabase))('%s', async (point) => {
    const { admin } = await armed(point);
    const database = await createDatabase(admin.api);
    const { connection } = await createPgUser(admin.api, database.database_id, 'write');
    const path = `/api/databases/${database.database_id}`;
    const { status, body } = await admin.api.delete(path);
    // A step that works the second time, while the caller still waits, is no failure.
    if (status !== 200)
      expect({ status, body }).toEqual({ status: 500, body: { error: 'Failed to soft-delete database' } });
    await until(async () => (await getDatabase(admin.api, database.database_id)).status === 'soft_deleted', {
      what: 'the reconciler carried on',
    });
    expect(await refusal(connection)).toBeDefined();
    expect((await admin.api.post(`${path}/undelete`)).status).toBe(200);
    expect(await refusal(connection)).toBeUndefined();
  });
});

describe('regenerating a password', () => {
  test.each(stepsOf(rotateAPassword))('%s', async (point) => {
    const { admin } = await armed(point);
    const database = await createDatabase(admin.api);
    const user = await createPgUser(admin.api, database.database_id, 'read');
    const path = `/api/databases/${database.database_id}/pgusers/${user.pg_user_id}/regenerate-password`;
    const { status, body } = await admin.api.post(path);
    if (status !== 200) {
      expect({ status, body }).toEqual({
        status: 500,
        body: { error: 'Failed to regenerate PostgreSQL user password' },
      });
      expect(await refusal(user.connection), 'the acknowledged password').toBeUndefined();
    }
    expect(await refusal((await rotate(admin.api, user)).connection)).toBeUndefined();
  });
});
