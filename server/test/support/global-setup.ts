/** Vitest's global setup: one throwaway Postgres for the whole run; suites clone databases on it. */
import type { TestProject } from 'vitest/node';
import { startPostgresCluster } from './postgres-cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser on the throwaway cluster, database `postgres`. */
    postgresDsn: string;
  }
}

let stop: (() => Promise<void>) | undefined;

export async function setup(project: TestProject): Promise<void> {
  const cluster = await startPostgresCluster();
  stop = cluster.stop;
  project.provide('postgresDsn', cluster.dsn);
}

export async function teardown(): Promise<void> {
  await stop?.();
}
