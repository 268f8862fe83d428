/** The database goes away under load, and comes back. */
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Gateway } from '../../src/tenants/gateway.ts';
import { type Cluster, startCluster } from '../support/cluster.ts';
import { get, post, tenantSettings, until } from './tenant-suite.ts';

const RECOVERY_MS = 2_000;

let cluster: Cluster;
let gateway: Gateway;

beforeAll(async () => {
  cluster = await startCluster();
  const roles = await readFile(new URL('../fixtures/roles.sql', import.meta.url), 'utf8');
  const client = new pg.Client({ connectionString: cluster.dsn });
  await client.connect();
  await client.query(`${roles};
    CREATE SCHEMA api; GRANT USAGE ON SCHEMA api TO web_anon;
    CREATE TABLE api.items (id int PRIMARY KEY); INSERT INTO api.items VALUES (1); GRANT SELECT ON api.items TO web_anon;
    CREATE FUNCTION api.pause() RETURNS void LANGUAGE sql AS 'SELECT pg_sleep(30)'`);
  await client.end();
  gateway = new Gateway();
  const dsn = cluster.dsn.replace(/\/\/[^@]*@/, '//authenticator:authenticator@');
  await gateway.setTenant(
    'a',
    await tenantSettings({ authenticatorDsn: dsn }, { 'db-channel-enabled': true }),
  );
});
afterAll(async () => {
  await gateway.close();
  await cluster.stop();
});

test('every answer is 503 with Retry-After or good, and soon good again', async () => {
  expect((await gateway.handle('a', get('/items'))).status).toBe(200);
  const inFlight = Array.from({ length: 5 }, () => gateway.handle('a', post('/rpc/pause', {})));
  await until(() => (gateway.metrics()[0]?.pool.total ?? 0) >= 5);
  const odd: number[] = [];
  let isOver = false;
  const load = Array.from({ length: 4 }, async () => {
    while (!isOver) {
      const { status, headers } = await gateway.handle('a', get('/items'));
      const isExpected = status === 200 || (status === 503 && headers['retry-after'] === '1');
      if (!isExpected) odd.push(status);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
  await cluster.kill();
  const cut = await Promise.all(inFlight);
  expect(cut.map(({ status, headers }) => [status, headers['retry-after']])).toEqual(
    cut.map(() => [503, '1']),
  );
  await until(() => gateway.status('a').isDatabaseDown);
  await cluster.restart();
  const backAt = performance.now();
  await until(async () => (await gateway.handle('a', get('/items'))).status === 200, RECOVERY_MS);
  expect(performance.now() - backAt).toBeLessThan(RECOVERY_MS);
  isOver = true;
  await Promise.all(load);
  expect(odd).toEqual([]);
  expect(gateway.status('a')).toEqual({ isReady: true, isDatabaseDown: false });
  // Everybody gave back what they had.
  await until(() => {
    const [metrics] = gateway.metrics();
    return metrics?.inFlight === 0 && metrics.pool.total === metrics.pool.idle && metrics.pool.waiting === 0;
  });
});
