/** The only place where drivers and rows meet. */
import type { BackupCapability, DatabaseBackup } from '../domain/backup.ts';
import type { DatabaseStatus } from '../domain/database.ts';
import type { Driver } from '../domain/driver.ts';
import type { ResourceKind } from '../domain/resource.ts';
import {
  type ClusterObservation,
  type ClusterStep,
  type ClusterTarget,
  clusterDriver,
} from '../drivers/postgres/cluster-driver.ts';
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
  backup: Pick<DatabaseBackup, 'capability'>,
): Readonly<Record<ResourceKind, ReconciledKind>> {
  const driver = clusterDriver(pool);
  const cluster: Driver<ClusterTarget, ClusterObservation & { backups: BackupCapability }, ClusterStep> = {
    ...driver,
    // What can be dumped and restored depends on the version of the cluster, so it is looked at with it.
    async observe(target, signal) {
      const seen = await driver.observe(target, signal);
      return seen && { ...seen, backups: await backup.capability(signal) };
    },
  };
  return {
    cluster: reconciledKind({
      driver: cluster,
      toTarget: async ({ id, desired }) => ({ id, desired }),
      toStatus: ({ backups }) => ({ backups }),
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
