import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import type { Schema } from './schema.ts';

/** A connection pool to our own database. */
export type Store = Kysely<Schema>;
/** The pool or an open transaction: what a query needs to run. */
export type Session = Kysely<Schema> | Transaction<Schema>;

export const SCHEMA = 'backyard';

const STATEMENT_TIMEOUT_MS = 15_000;

export interface StoreSettings {
  readonly url: string;
  readonly applicationName: string;
  readonly maxConnections: number;
  /** How long one statement may take; by default what a request can wait for. */
  readonly statementTimeoutMs?: number;
}

// Row counts and ids fit a double here; text would only move the conversion into every caller.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** Options for a connection of ours: search path, deadlines, and a name that its next run recognises. */
export function connectionOptions(
  url: string,
  applicationName: string,
  statementTimeoutMs: number = STATEMENT_TIMEOUT_MS,
): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: 5_000,
    statement_timeout: statementTimeoutMs,
    query_timeout: statementTimeoutMs + 5_000,
    idle_in_transaction_session_timeout: 30_000,
    keepAlive: true,
    options: `-c search_path=${SCHEMA}`,
  };
}

/** Opens the store. Nothing is connected before the first query; end it with `destroy()`. */
export function openStore(settings: StoreSettings, onIdleError: (error: Error) => void): Store {
  const pool = new pg.Pool({
    ...connectionOptions(settings.url, settings.applicationName, settings.statementTimeoutMs),
    max: settings.maxConnections,
    idleTimeoutMillis: 60_000,
  });
  // An idle connection that Postgres ends would otherwise end this process.
  pool.on('error', onIdleError);
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
}

/** Answers when the database does; throws when it cannot be asked. */
export async function ping(store: Store): Promise<void> {
  await sql`select 1`.execute(store);
}
