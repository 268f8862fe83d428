/** Prepared transactions outlive their session and keep a database from being dropped; off by default. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startEmbeddedPostgres } from '../../src/drivers/embedded-postgres/embedded-postgres.ts';
import { databaseDriver } from '../../src/drivers/postgres/database-driver.ts';
import type { PostgresCluster } from '../support/postgres-cluster.ts';
import { testLog } from '../support/test-log.ts';
import { run } from './support/cluster-access.ts';
import { reconcileUntilStep } from './support/reconcile.ts';
import { driverSuite } from './support/suite.ts';

/** The setting counts from the next start only, so the cluster is started twice. */
async function startCluster(): Promise<PostgresCluster> {
  const dataDir = await mkdtemp(join(tmpdir(), `backyard-test-${process.pid}-`));
  await chmod(dataDir, 0o711);
  const start = () => startEmbeddedPostgres({ dataDir, preferredPort: 0, durability: 'none', log: testLog });
  const first = await start();
  await run(first.dsn, {}, 'ALTER SYSTEM SET max_prepared_transactions = 5');
  await first.stop();
  const postgres = await start();
  return {
    dsn: postgres.dsn,
    stop: async () => {
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const suite = driverSuite(startCluster);

test.each([
  ['an active database', false],
  ['a suspended database', true],
])('the purge of %s rolls them back, also after a crash in the middle', async (_what, suspended) => {
  const tenant = await suite.tenant();
  const { writer } = tenant;
  await run(
    suite.dsn,
    tenant.as(writer),
    'BEGIN',
    'CREATE TABLE half_made ()',
    `PREPARE TRANSACTION 'it''s ${tenant.name}'`,
  );
  if (suspended) await tenant.reconcile('suspended');
  const driver = databaseDriver(suite.pool);
  const steps = await driver.observe(tenant.target('absent'), suite.signal);
  const names = driver.plan(tenant.target('absent'), steps).map((step) => step.name);
  const crash = names.indexOf('roll-back-prepared');
  expect(await reconcileUntilStep(driver, tenant.target('absent'), crash)).toBe('roll-back-prepared');
  expect(await run(suite.dsn, {}, 'SELECT FROM pg_prepared_xacts')).toEqual([]);
  expect(await tenant.reconcile('absent')).toEqual(['drop-database', 'drop-roles']);
});
