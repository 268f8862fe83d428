/** Backyard on a Postgres of the operator's own, older than the embedded one: the whole way once. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Api } from './support/api.ts';
import { as, refusal } from './support/cluster.ts';
import {
  type DebianPostgres,
  debianPostgres,
  type OwnCluster,
  startDebianPostgres,
} from './support/debian-postgres.ts';
import { theAdmin } from './support/people.ts';
import { type Product, startProduct } from './support/product.ts';
import { createDatabase, createPgUser, rotate, softDelete } from './support/resources.ts';

const KEYS = ['first-Qk3v9Zt7Lw2Xr8Ny4Bm6Hs1Jd5', 'second-Vb7n2Mx9Lq4Wz8Rt6Yp3Kc1Fg'];
const postgres = debianPostgres();

describe.skipIf(postgres === undefined)('on a Postgres 15 of the operator', () => {
  let cluster: OwnCluster;
  let product: Product;
  let admin: Api;

  beforeAll(async () => {
    cluster = await startDebianPostgres(postgres as DebianPostgres);
    product = await startProduct({ env: { DATABASE_URL: cluster.dsn, SECRET_KEY: KEYS[0] } });
    admin = (await theAdmin(product)).api;
  });

  afterAll(async () => {
    await product?.dispose();
    await cluster?.stop();
  });

  test('a database is made, used, closed, opened again', async () => {
    const database = await createDatabase(admin, 'fifteen');
    const writer = await createPgUser(admin, database.database_id, 'write');
    const reader = await createPgUser(admin, database.database_id, 'read');
    await as(writer.connection, (client) => client.query('create table made as select 1 as one'));
    const { rows } = await as(reader.connection, (client) => client.query('select one from made'));
    expect(rows).toEqual([{ one: 1 }]);
    await expect(as(reader.connection, (client) => client.query('delete from made'))).rejects.toMatchObject({
      code: '42501',
    });
    await softDelete(admin, database.database_id);
    expect(await refusal(writer.connection)).toBeDefined();
    const undeleted = await admin.post(`/api/databases/${database.database_id}/undelete`);
    expect(undeleted.status, undeleted.text).toBe(200);
    expect(await refusal(writer.connection)).toBeUndefined();
  });

  test('nobody else gets into the databases that were there before', async () => {
    const client = new pg.Client({ connectionString: cluster.dsn });
    await client.connect();
    const { rows } = await client.query(
      `select datname from pg_database where has_database_privilege('public', oid, 'connect')`,
    );
    await client.end();
    expect(rows).toEqual([]);
  });

  test('secrets are sealed anew with another key, and the first one can be forgotten', async () => {
    const database = await createDatabase(admin, 'resealed');
    const user = await createPgUser(admin, database.database_id, 'write');
    await product.restart({ SECRET_KEY: KEYS[1], SECRET_KEY_PREVIOUS: KEYS[0] });
    const resealed = await product.admin(['reseal-secrets']);
    expect(resealed.code, resealed.output).toBe(0);
    await product.restart({ SECRET_KEY_PREVIOUS: undefined, BACKYARD_RECONCILE_INTERVAL: '1' });
    const again = (await theAdmin(product)).api;
    const { connection } = await rotate(again, user);
    expect(await refusal(connection)).toBeUndefined();
    expect(await refusal(user.connection)).toBe('28P01');
  });
});
