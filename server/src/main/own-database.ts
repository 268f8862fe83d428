import pg, { escapeIdentifier } from 'pg';
import { Fault } from '../kernel/fault.ts';
import { isUniqueViolation } from '../store/postgres-error.ts';
import { SCHEMA } from '../store/store.ts';

export const OWN_DATABASE = 'backyard';
const CONNECT_MS = 10_000;

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: CONNECT_MS,
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Makes our own database on the embedded cluster, closed to everybody else; returns its connection string. */
export async function ensureOwnDatabase(clusterDsn: string): Promise<string> {
  await withClient(clusterDsn, async (client) => {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [OWN_DATABASE]);
    if (!rowCount) await client.query(`create database ${escapeIdentifier(OWN_DATABASE)} template template0`);
    await client.query(`revoke all on database ${escapeIdentifier(OWN_DATABASE)} from public`);
  });
  const url = new URL(clusterDsn);
  url.pathname = `/${OWN_DATABASE}`;
  return url.href;
}

/** Makes our schema. Faults with `store.unreachable` and what to check when there is no way in. */
export async function ensureSchema(url: string): Promise<void> {
  try {
    await withClient(url, (client) =>
      client.query(`create schema if not exists ${escapeIdentifier(SCHEMA)}`),
    );
  } catch (error) {
    // Another starter was faster: `if not exists` does not see what is not committed yet.
    if (isUniqueViolation(error)) return;
    const { hostname, port, pathname } = new URL(url);
    const place = `${hostname}:${port || 5432}${pathname}`;
    const reason =
      error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : String(error);
    throw new Fault(
      'store.unreachable',
      `Backyard's own database at ${place} cannot be used (${reason}). Check DATABASE_URL, and that Postgres runs.`,
      {},
      error,
    );
  }
}
