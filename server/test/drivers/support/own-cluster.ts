/** A cluster for suites that change what all its databases share. */

import type { PostgresCluster } from '../../support/postgres-cluster.ts';
import { startPostgresCluster } from '../../support/postgres-cluster.ts';

/** A throwaway cluster, or the one that the environment names. */
export async function startOwnCluster(): Promise<PostgresCluster> {
  const named = process.env.BACKYARD_TEST_POSTGRES_DSN;
  if (named === undefined) return startPostgresCluster();
  return { dsn: named, stop: () => Promise.resolve() };
}
