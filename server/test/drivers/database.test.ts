import { type DatabaseTarget, databaseRoles } from '../../src/domain/database.ts';
import { ClusterPool } from '../../src/drivers/postgres/cluster-pool.ts';
import { databaseDriver } from '../../src/drivers/postgres/database-driver.ts';
import type { DatabaseObservation } from '../../src/drivers/postgres/database-plan.ts';
import { type Drift, driverLaw, type Subject } from './driver-law.ts';
import { clusterDsn, DEAD_DSN, run } from './support/cluster-access.ts';
import { traceInside, traceShared } from './support/cluster-trace.ts';
import { databaseDrifts } from './support/database-drifts.ts';
import { Strangers } from './support/strangers.ts';
import { Tenant, type TenantUser } from './support/tenant.ts';

driverLaw('database', async () => {
  const dsn = clusterDsn();
  const pool = new ClusterPool({ dsn });
  const deadPool = new ClusterPool({ dsn: DEAD_DSN });
  const strangers = await Strangers.make(dsn);
  return {
    driver: databaseDriver(pool),
    unreachable: databaseDriver(deadPool),
    subject: async () => databaseSubject(dsn, pool, strangers),
    secrets: ['s3cret-of-the-dsn', new URL(dsn).password],
    // A crash of a drop and prepared transactions need a situation of their own: database-special.test.ts.
    testedElsewhere: ['roll-back-prepared'],
    end: async () => {
      await Promise.all([pool.end(), deadPool.end()]);
      await strangers.drop();
    },
  };
});

/** Gets users and objects at its first settling, so that everything after that happens to a database in use. */
function databaseSubject(
  dsn: string,
  pool: ClusterPool,
  strangers: Strangers,
): Subject<DatabaseTarget, DatabaseObservation> {
  const tenant = new Tenant(pool);
  const drifts: Drift[] = [];
  return {
    target: (desired) => tenant.target(desired),
    settled: async (observation) => {
      if (observation === null || tenant.settled) return;
      tenant.settled = true;
      const writer = await tenant.addUser('write');
      const reader = await tenant.addUser('read');
      await fill(dsn, tenant, writer);
      drifts.push(...databaseDrifts(dsn, tenant, { writer, reader, strangers }));
    },
    trace: async () => {
      const roles = [...Object.values(databaseRoles(tenant.id)), ...tenant.users.map((user) => user.login)];
      return [...(await traceShared(dsn, tenant.name, roles)), ...(await traceInside(dsn, tenant.name))];
    },
    drifts,
  };
}

async function fill(dsn: string, tenant: Tenant, writer: TenantUser): Promise<void> {
  await run(
    dsn,
    tenant.as(writer),
    'CREATE TABLE things (id serial PRIMARY KEY, word text)',
    'CREATE SCHEMA inner_room',
    'CREATE TABLE inner_room.parts (id int, at date) PARTITION BY RANGE (at)',
    `CREATE TABLE inner_room.parts_old PARTITION OF inner_room.parts FOR VALUES FROM ('2000-01-01') TO ('2001-01-01')`,
    'CREATE SEQUENCE inner_room.counter',
    'CREATE VIEW words AS SELECT word FROM things',
    'CREATE MATERIALIZED VIEW kept_words AS SELECT word FROM things',
    'SET ROLE NONE',
    'CREATE TABLE own_things (id int)',
    'CREATE SCHEMA own_room',
    'CREATE TABLE own_room.things (id int)',
    'CREATE SEQUENCE own_room.counter',
  );
}
