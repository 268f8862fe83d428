/** Databases for suites, on the throwaway cluster of the run. The roles of `fixtures/roles.sql` exist on it. */
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { inject } from 'vitest';

export interface TestDatabase {
  readonly name: string;
  /** Superuser. */
  readonly dsn: string;
  /** The role `authenticator`, as the gateway logs in. */
  readonly authenticatorDsn: string;
  /** Runs one or more statements as superuser; answers the rows of the last one. */
  run(sql: string): Promise<Record<string, unknown>[]>;
  /** Cuts whoever is still connected. */
  drop(): Promise<void>;
}

const FIXTURES = new URL('../fixtures/', import.meta.url);
/** As in `fixtures/roles.sql`. */
const AUTHENTICATOR = 'authenticator:authenticator';

/** An empty database into which the files have been run, in their order; paths below `gateway/test/fixtures`. */
export async function createDatabase(...sqlFiles: string[]): Promise<TestDatabase> {
  const adminDsn = inject('gatewayPostgresDsn');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await runOn(adminDsn, `CREATE DATABASE ${name} TEMPLATE template0`);
  const dsn = withPath(adminDsn, name);
  for (const file of sqlFiles) {
    await runOn(dsn, await readFile(new URL(file, FIXTURES), 'utf8')).catch((error: unknown) => {
      throw new Error(`${file}: ${(error as Error).message}`, { cause: error });
    });
  }
  return {
    name,
    dsn,
    authenticatorDsn: dsn.replace(/\/\/[^@]*@/, `//${AUTHENTICATOR}@`),
    run: (sql) => runOn(dsn, sql),
    drop: async () => {
      await runOn(adminDsn, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/** The nasty database: schemas `api` and `v2` to expose, `private` behind them, `extra` for the search path. */
export async function createNastyDatabase(): Promise<TestDatabase> {
  return createDatabase(...(await listNastyFiles()));
}

export async function listNastyFiles(): Promise<string[]> {
  const names = await readdir(new URL('nasty/', FIXTURES));
  return names.sort().map((name) => `nasty/${name}`);
}

function withPath(dsn: string, database: string): string {
  const url = new URL(dsn);
  url.pathname = `/${database}`;
  return url.href;
}

async function runOn(dsn: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({
    connectionString: dsn,
    connectionTimeoutMillis: 10_000,
    query_timeout: 60_000,
  });
  await client.connect();
  try {
    // Several statements answer an array, whatever the declared type says.
    const answer: unknown = await client.query(sql);
    const last = (Array.isArray(answer) ? answer.at(-1) : answer) as pg.QueryResult;
    return last.rows;
  } finally {
    await client.end();
  }
}
