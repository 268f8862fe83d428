import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ClusterTarget, clusterDriver } from '../../src/drivers/postgres/cluster-driver.ts';
import { ClusterPool } from '../../src/drivers/postgres/cluster-pool.ts';
import { databaseDriver } from '../../src/drivers/postgres/database-driver.ts';
import { probeCluster } from '../../src/drivers/postgres/probe-cluster.ts';
import type { PostgresCluster } from '../support/postgres-cluster.ts';
import { driverLaw } from './driver-law.ts';
import { connect, DEAD_DSN, dsnFor, failureCode, run } from './support/cluster-access.ts';
import { startOwnCluster } from './support/own-cluster.ts';
import { reconcile, reconcileUntilStep } from './support/reconcile.ts';
import { Strangers } from './support/strangers.ts';
import { Tenant } from './support/tenant.ts';

const TARGET: ClusterTarget = { id: 'the-cluster', desired: 'active' };
const signal = AbortSignal.timeout(300_000);
const newName = (): string => `other_${randomBytes(5).toString('hex')}`;

const PUBLIC_RIGHTS = `
  SELECT d.datname || ' ' || x.privilege_type AS line
  FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x
  WHERE x.grantee = 0 ORDER BY line`;

driverLaw('cluster', async () => {
  const cluster = await startOwnCluster();
  const { dsn } = cluster;
  const pool = new ClusterPool({ dsn });
  const deadPool = new ClusterPool({ dsn: DEAD_DSN });
  const made: string[] = [];
  const grant = (name: string, text: string) => ({ name, make: async () => void (await run(dsn, {}, text)) });
  return {
    driver: clusterDriver(pool),
    unreachable: clusterDriver(deadPool),
    subject: () =>
      Promise.resolve({
        target: (desired) => ({ ...TARGET, desired }),
        settled: () => Promise.resolve(),
        trace: () => run(dsn, {}, PUBLIC_RIGHTS),
        drifts: [
          grant('PUBLIC connects to postgres', 'GRANT CONNECT ON DATABASE postgres TO PUBLIC'),
          grant('PUBLIC has everything', 'GRANT ALL ON DATABASE template1 TO PUBLIC'),
          {
            name: 'a new database',
            make: async () => {
              made.push(newName());
              await run(dsn, {}, `CREATE DATABASE ${made.at(-1)}`);
            },
          },
        ],
      }),
    secrets: ['s3cret-of-the-dsn', new URL(dsn).password],
    lasting: true,
    end: async () => {
      for (const name of made) await run(dsn, {}, `DROP DATABASE ${name}`);
      await Promise.all([pool.end(), deadPool.end()]);
      await cluster.stop();
    },
  };
});

describe('cluster', () => {
  let cluster: PostgresCluster;
  let pool: ClusterPool;
  let strangers: Strangers;
  beforeAll(async () => {
    cluster = await startOwnCluster();
    pool = new ClusterPool({ dsn: cluster.dsn });
    strangers = await Strangers.make(cluster.dsn);
  });
  afterAll(async () => {
    await strangers.drop();
    await pool.end();
    await cluster.stop();
  });

  test('who could come in until now still can, who comes later cannot, nor can a tenant', async () => {
    const tenant = new Tenant(pool);
    await tenant.reconcile('active');
    const writer = await tenant.addUser('write');
    const name = newName();
    await run(cluster.dsn, {}, `CREATE DATABASE ${name}`);
    await reconcile(clusterDriver(pool), TARGET);
    const late = await Strangers.make(cluster.dsn);
    const enter = (database: string, user: string, password: string) =>
      failureCode(run(cluster.dsn, { database, user, password }, 'CREATE TEMPORARY TABLE t ()'));
    expect(await enter(name, strangers.one, strangers.password)).toBeUndefined();
    for (const database of [name, 'template1']) {
      expect(await enter(database, late.one, late.password)).toBe('42501');
    }
    for (const database of [name, 'postgres', 'template1', 'template0']) {
      expect(await enter(database, writer.login, writer.password)).toMatch(/^(42501|55000)$/);
    }
    expect(await enter(tenant.name, strangers.one, strangers.password)).toBe('42501');
    await run(cluster.dsn, {}, `DROP DATABASE ${name}`);
    await late.drop();
    await tenant.reconcile('absent');
  });

  test('a right that a grantee gave to PUBLIC goes too', async () => {
    const name = newName();
    await run(
      cluster.dsn,
      {},
      `CREATE DATABASE ${name}`,
      `GRANT CONNECT ON DATABASE ${name} TO ${strangers.two} WITH GRANT OPTION`,
      `SET ROLE ${strangers.two}`,
      `GRANT CONNECT ON DATABASE ${name} TO PUBLIC`,
    );
    await reconcile(clusterDriver(pool), TARGET);
    expect(await run(cluster.dsn, {}, PUBLIC_RIGHTS)).toEqual([]);
    const session = await connect(cluster.dsn, {
      database: name,
      user: strangers.two,
      password: strangers.password,
    });
    await session.end();
    await run(cluster.dsn, {}, `DROP DATABASE ${name}`);
  });

  test('a managed database in creation is left to its own driver', async () => {
    const tenant = new Tenant(pool);
    expect(await reconcileUntilStep(databaseDriver(pool), tenant.target('active'), 1)).toBe(
      'create-database',
    );
    await reconcile(clusterDriver(pool), TARGET);
    const rights = await run<{ line: string }>(cluster.dsn, {}, PUBLIC_RIGHTS);
    expect(rights.map((row) => row.line)).toEqual([`${tenant.name} CONNECT`, `${tenant.name} TEMPORARY`]);
    await tenant.reconcile('active');
    expect(await run(cluster.dsn, {}, PUBLIC_RIGHTS)).toEqual([]);
    await tenant.reconcile('absent');
  });

  test('a probe says what to set, and tells no secret', async () => {
    expect((await probeCluster(pool, signal)).versionNumber).toBeGreaterThanOrEqual(140_000);
    const { user, password } = { user: strangers.one, password: strangers.password };
    await run(cluster.dsn, {}, `GRANT CONNECT ON DATABASE postgres TO ${user}`);
    const bad = {
      'not a superuser': dsnFor(cluster.dsn, { user, password }),
      'nobody there': DEAD_DSN,
      'a wrong password': dsnFor(cluster.dsn, { password: 'wrong-pw' }),
    };
    for (const [what, dsn] of Object.entries(bad)) {
      const badPool = new ClusterPool({ dsn });
      const fault = await probeCluster(badPool, signal).catch((error: unknown) => error);
      await badPool.end();
      expect(fault, what).toMatchObject({
        code: 'cluster.unusable',
        message: expect.stringContaining('PG_ADMIN_DSN'),
      });
      expect(String(fault)).not.toMatch(/s3cret-of-the-dsn|wrong-pw|postgres(ql)?:\/\//);
    }
    expect(() => new ClusterPool({ dsn: 'postgresql://u:s3cret-of-the-dsn@[bad/db' })).toThrow(
      /PG_ADMIN_DSN/,
    );
  });
});
