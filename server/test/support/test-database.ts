import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

export interface TestDatabase {
  readonly name: string;
  /** Superuser on this database. */
  readonly dsn: string;
  /** Cuts whoever is still connected. Roles are the cluster's: a suite drops the ones that it makes. */
  drop(): Promise<void>;
}

/**
 * Clones a database on the throwaway cluster of the run, by default an empty one.
 * Nobody may be connected to the template meanwhile.
 */
export async function createTestDatabase(template = 'template0'): Promise<TestDatabase> {
  const adminDsn = inject('postgresDsn');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await run(adminDsn, `CREATE DATABASE ${quoted(name)} TEMPLATE ${quoted(template)}`);
  const dsn = new URL(adminDsn);
  dsn.pathname = `/${name}`;
  return {
    name,
    dsn: dsn.href,
    drop: () => run(adminDsn, `DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`),
  };
}

function quoted(identifier: string): string {
  return pg.escapeIdentifier(identifier);
}

async function run(dsn: string, statement: string): Promise<void> {
  const client = new pg.Client({
    connectionString: dsn,
    connectionTimeoutMillis: 10_000,
    query_timeout: 60_000,
  });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
