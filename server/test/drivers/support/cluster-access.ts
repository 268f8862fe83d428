/** Plain access to the test cluster, past the drivers. */
import { Client, type QueryResultRow } from 'pg';
import { inject } from 'vitest';

/** A superuser of the cluster under test; another one, of another version, can be named in the environment. */
export function clusterDsn(): string {
  return process.env.BACKYARD_TEST_POSTGRES_DSN ?? inject('postgresDsn');
}

/** Nobody listens here. */
export const DEAD_DSN = 'postgresql://somebody:s3cret-of-the-dsn@127.0.0.1:1/postgres';

export interface Whereabouts {
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
}

/** The test cluster's connection string with other parts. */
export function dsnFor(dsn: string, where: Whereabouts): string {
  const url = new URL(dsn);
  if (where.database !== undefined) url.pathname = `/${encodeURIComponent(where.database)}`;
  if (where.user !== undefined) url.username = where.user;
  if (where.password !== undefined) url.password = where.password;
  return url.href;
}

/** Opens a session; the caller ends it. An end from the server's side is no error of the test. */
export async function connect(dsn: string, where: Whereabouts = {}): Promise<Client> {
  const client = new Client({ connectionString: dsnFor(dsn, where) });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Runs statements in a session of their own and gives the rows of the last. */
export async function run<Row extends QueryResultRow>(
  dsn: string,
  where: Whereabouts,
  ...statements: readonly string[]
): Promise<Row[]> {
  const client = await connect(dsn, where);
  try {
    let rows: Row[] = [];
    for (const statement of statements) rows = (await client.query<Row>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

/** The SQLSTATE with which a promise fails; undefined when it does not. */
export async function failureCode(promise: Promise<unknown>): Promise<string | undefined> {
  return promise.then(
    () => undefined,
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  );
}
