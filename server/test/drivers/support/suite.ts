/** What most driver suites begin with: a pool on the test cluster, and tenants that are purged at the end. */
import { afterAll, beforeAll } from 'vitest';
import { ClusterPool } from '../../../src/drivers/postgres/cluster-pool.ts';
import type { PostgresCluster } from '../../support/postgres-cluster.ts';
import { clusterDsn } from './cluster-access.ts';
import { newTenant, Tenant, type TenantUser } from './tenant.ts';

export type PeopledTenant = Tenant & { readonly writer: TenantUser; readonly reader: TenantUser };

export interface DriverSuite {
  readonly dsn: string;
  readonly pool: ClusterPool;
  readonly signal: AbortSignal;
  /** A tenant of which nothing is there yet. */
  unborn(): Tenant;
  /** An active tenant with a writer and a reader. */
  tenant(): Promise<PeopledTenant>;
}

/** To be called once in a file or a describe. */
export function driverSuite(startCluster: () => Promise<PostgresCluster> = sharedCluster): DriverSuite {
  let dsn = '';
  let stop: (() => Promise<void>) | undefined;
  let pool: ClusterPool | undefined;
  const tenants: Tenant[] = [];
  const signal = AbortSignal.timeout(600_000);
  const get = (): ClusterPool => {
    if (pool === undefined) throw new Error('the suite has not begun');
    return pool;
  };
  beforeAll(async () => {
    ({ dsn, stop } = await startCluster());
    pool = new ClusterPool({ dsn });
  });
  afterAll(async () => {
    for (const tenant of tenants) await tenant.reconcile('absent');
    await pool?.end();
    await stop?.();
  });
  return {
    get dsn() {
      return dsn;
    },
    get pool() {
      return get();
    },
    signal,
    unborn: () => {
      const tenant = new Tenant(get());
      tenants.push(tenant);
      return tenant;
    },
    tenant: async () => {
      const tenant = await newTenant(get());
      tenants.push(tenant);
      return tenant;
    },
  };
}

function sharedCluster(): Promise<PostgresCluster> {
  return Promise.resolve({ dsn: clusterDsn(), stop: () => Promise.resolve() });
}
