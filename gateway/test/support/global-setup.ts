/** Vitest's global setup: one throwaway Postgres for the whole run, with the roles of the fixtures. */
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startCluster } from './cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Superuser on the throwaway cluster, database `postgres`. */
    gatewayPostgresDsn: string;
  }
}

let stop: (() => Promise<void>) | undefined;

export async function setup(project: TestProject): Promise<void> {
  const cluster = await startCluster();
  stop = cluster.stop;
  await createRoles(cluster.dsn);
  project.provide('gatewayPostgresDsn', cluster.dsn);
}

export async function teardown(): Promise<void> {
  await stop?.();
}

/** Roles are the cluster's, so suites that run at the same time cannot each make them. */
async function createRoles(dsn: string): Promise<void> {
  const sql = await readFile(new URL('../fixtures/roles.sql', import.meta.url), 'utf8');
  const client = new pg.Client({ connectionString: dsn, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
