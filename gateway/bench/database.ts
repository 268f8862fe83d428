/** A cluster with the tables that the benchmark reads. */
import pg from 'pg';
import { readSettings } from '../src/config/read-settings.ts';
import type { TenantSettings } from '../src/config/settings.ts';
import { type Cluster, startCluster } from '../test/support/cluster.ts';

const SCHEMA = `
  CREATE SCHEMA api;
  GRANT USAGE ON SCHEMA api TO anon;
  CREATE TABLE api.items (id int PRIMARY KEY, name text, price numeric, made_at timestamptz, tags text[], extra jsonb);
  INSERT INTO api.items
    SELECT n, 'item ' || n, n * 1.25, now(), ARRAY['a', 'b'], '{"k": [1, 2]}' FROM generate_series(1, 10000) n;
  ANALYZE api.items;
  GRANT SELECT ON api.items TO anon;`;

export interface BenchCluster extends Cluster {
  /** Databases with the same tables. */
  readonly dsns: readonly string[];
}

export async function startBenchCluster(databases: number): Promise<BenchCluster> {
  const cluster = await startCluster();
  const names = Array.from({ length: databases }, (_, index) => `bench_${index}`);
  const login = cluster.dsn.replace(/\/\/[^@]*@/, '//authenticator:bench@');
  await run(
    cluster.dsn,
    "CREATE ROLE anon NOLOGIN; CREATE ROLE authenticator LOGIN NOINHERIT PASSWORD 'bench'; GRANT anon TO authenticator",
  );
  const [first = '', ...others] = names;
  await run(cluster.dsn, `CREATE DATABASE ${first}`);
  await run(withDatabase(cluster.dsn, first), SCHEMA);
  for (const name of others) await run(cluster.dsn, `CREATE DATABASE ${name} TEMPLATE ${first}`);
  return { ...cluster, dsns: names.map((name) => withDatabase(login, name)) };
}

export async function benchSettings(dsn: string): Promise<TenantSettings> {
  const text = `db-uri = "${dsn}"\ndb-schemas = "api"\ndb-anon-role = "anon"\ndb-pool = 10\n`;
  return (await readSettings(text)).tenant;
}

function withDatabase(dsn: string, database: string): string {
  const url = new URL(dsn);
  url.pathname = `/${database}`;
  return url.href;
}

async function run(dsn: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: dsn });
  await client.connect();
  await client.query(sql);
  await client.end();
}
