/** The only place where drivers and rows meet. */
import type { DatabaseStatus } from '../domain/database.ts';
import type { ResourceKind } from '../domain/resource.ts';
import { clusterDriver } from '../drivers/postgres/cluster-driver.ts';
import type { ClusterPool } from '../drivers/postgres/cluster-pool.ts';
import { databaseDriver, databaseStatus } from '../drivers/postgres/database-driver.ts';
import { pgUserDriver } from '../drivers/postgres/pg-user-driver.ts';
import type { KeyRing } from '../kernel/seal.ts';
import { type ReconciledKind, reconciledKind } from '../reconcile/reconciled-kind.ts';
import { databaseTarget, pgUserTarget } from '../reconcile/targets.ts';

/** Every kind of resource with its driver. */
export function reconciledKinds(
  pool: ClusterPool,
  ring: KeyRing,
): Readonly<Record<ResourceKind, ReconciledKind>> {
  return {
    cluster: reconciledKind({
      driver: clusterDriver(pool),
      toTarget: async ({ id, desired }) => ({ id, desired }),
      toStatus: () => ({}),
    }),
    database: reconciledKind({
      driver: databaseDriver(pool),
      toTarget: databaseTarget,
      toStatus: (observation, row) =>
        databaseStatus(observation, row.status as DatabaseStatus | null, new Date().toISOString()),
    }),
    pg_user: reconciledKind({
      driver: pgUserDriver(pool),
      toTarget: pgUserTarget(ring),
      toStatus: (observation) => ({ login: observation.login }),
    }),
  };
}
