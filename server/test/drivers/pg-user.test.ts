import type { PermissionLevel, PgUserTarget } from '../../src/domain/pg-user.ts';
import { ClusterPool } from '../../src/drivers/postgres/cluster-pool.ts';
import type { PgUserObservation } from '../../src/drivers/postgres/pg-user-catalog.ts';
import { pgUserDriver } from '../../src/drivers/postgres/pg-user-driver.ts';
import { type Drift, driverLaw, type Subject } from './driver-law.ts';
import { clusterDsn, DEAD_DSN, run } from './support/cluster-access.ts';
import { traceShared } from './support/cluster-trace.ts';
import { loginDrifts } from './support/login-drifts.ts';
import { Strangers } from './support/strangers.ts';
import { newUser, settledTarget, Tenant, type TenantUser } from './support/tenant.ts';

for (const level of ['write', 'read'] as const) {
  driverLaw(`pg_user, ${level}`, async () => {
    const dsn = clusterDsn();
    const pool = new ClusterPool({ dsn });
    const deadPool = new ClusterPool({ dsn: DEAD_DSN });
    const strangers = await Strangers.make(dsn);
    const tenant = new Tenant(pool);
    await tenant.reconcile('active');
    const secrets = ['s3cret-of-the-dsn', new URL(dsn).password, 'SCRAM-SHA-256'];
    return {
      driver: pgUserDriver(pool),
      unreachable: pgUserDriver(deadPool),
      subject: async () => userSubject(dsn, tenant, level, strangers),
      secrets,
      // Old sessions need a session, a reader's objects need somebody who grants by hand: pg-user-life.test.ts.
      testedElsewhere: ['end-old-sessions', ...(level === 'read' ? ['release-objects'] : [])],
      end: async () => {
        await tenant.reconcile('absent');
        await Promise.all([pool.end(), deadPool.end()]);
        await strangers.drop();
      },
    };
  });
}

/** At its first settling a writer makes a table that belongs to the login itself. */
async function userSubject(
  dsn: string,
  tenant: Tenant,
  level: PermissionLevel,
  strangers: Strangers,
): Promise<Subject<PgUserTarget, PgUserObservation>> {
  let user: TenantUser = await newUser(tenant, level);
  const drifts: Drift[] = [];
  return {
    target: (desired) => ({ ...user.target, desired }),
    settled: async (observation) => {
      if (observation === null || user.target.everSettled) return;
      user = { ...user, login: observation.login, target: settledTarget(user.target, observation.login) };
      drifts.push(...loginDrifts(dsn, tenant, user, strangers));
      if (level === 'read') return;
      await run(dsn, tenant.as(user), 'SET ROLE NONE', `CREATE TABLE of_${user.login} ()`);
    },
    trace: () => traceShared(dsn, tenant.name, [user.login]),
    drifts,
  };
}
