/**
 * Superuser connections to the managed cluster: a small lasting pool on the database of the DSN, and
 * short-lived ones inside managed databases, kept about a second so that the look after a step does not
 * connect again.
 */
import { Client, Pool, type PoolConfig } from 'pg';
import { Fault } from '../../kernel/fault.ts';
import { ClusterSession } from './cluster-session.ts';

export interface ClusterPoolOptions {
  /** Connection string of a superuser of the managed cluster. */
  readonly dsn: string;
  /** What our connections show in pg_stat_activity; the next run of this installation finds them by it. */
  readonly applicationName?: string;
  readonly maxConnections?: number;
  /** Longest run of one statement on the server. */
  readonly statementTimeoutMs?: number;
  /** How long an unused connection inside a managed database is kept. */
  readonly insideIdleMs?: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
const LOCK_TIMEOUT_MS = 10_000;
const INSIDE_MAX_CONNECTIONS = 2;

const APPLICATION_NAME = 'backyard';

function baseConfig(dsn: string, applicationName: string, statementTimeoutMs: number): PoolConfig {
  const { host, port, user, password, ssl, database } = parseDsn(dsn);
  return {
    host,
    port,
    ...(user === undefined ? {} : { user }),
    ...(password == null ? {} : { password }),
    ...(database === undefined ? {} : { database }),
    ssl,
    application_name: applicationName,
    // Tenants create functions in `public`; with it in the path, an overload of theirs could run as superuser.
    // And a statement whose sender died must not go on, or its effect comes after the next look.
    options: '-c search_path=pg_catalog -c client_connection_check_interval=1s',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: statementTimeoutMs,
    lock_timeout: LOCK_TIMEOUT_MS,
    query_timeout: statementTimeoutMs + 5000,
    keepAlive: true,
  };
}

function parseDsn(dsn: string): Client {
  try {
    return new Client({ connectionString: dsn });
  } catch {
    // The cause is left out: it quotes the connection string.
    throw new Fault('cluster.unusable', 'PG_ADMIN_DSN is not a Postgres connection string.');
  }
}

export class ClusterPool {
  readonly admin: ClusterSession;
  readonly #base: PoolConfig;
  readonly #adminPool: Pool;
  readonly #insideIdleMs: number;
  readonly #insidePools = new Map<string, Pool>();
  #offered: { readonly names: ReadonlySet<string>; readonly untilMs: number } | null = null;

  constructor(options: ClusterPoolOptions) {
    this.#base = baseConfig(
      options.dsn,
      options.applicationName ?? APPLICATION_NAME,
      options.statementTimeoutMs ?? 60_000,
    );
    this.#insideIdleMs = options.insideIdleMs ?? 1000;
    this.#adminPool = new Pool({
      ...this.#base,
      max: options.maxConnections ?? 4,
      idleTimeoutMillis: 60_000,
      allowExitOnIdle: true,
    });
    ignoreIdleErrors(this.#adminPool);
    this.admin = new ClusterSession(this.#adminPool);
  }

  /** A session inside a database of the cluster. Faults on use: `database.vanished`, `database.closed`. */
  inside(databaseName: string): ClusterSession {
    return new ClusterSession(this.#insidePools.get(databaseName) ?? this.#openInside(databaseName));
  }

  /** Ends our own connections inside a database; needed before it is closed, renamed or dropped. */
  async closeInside(databaseName: string): Promise<void> {
    const pool = this.#insidePools.get(databaseName);
    this.#insidePools.delete(databaseName);
    await pool?.end();
  }

  /**
   * Names of the extensions that the cluster offers. The server reads a file for each to answer, so one
   * answer serves for a minute.
   */
  async offeredExtensions(signal: AbortSignal): Promise<ReadonlySet<string>> {
    const nowMs = performance.now();
    if (this.#offered === null || this.#offered.untilMs < nowMs) {
      const rows = await this.admin.query<{ name: string }>(
        'SELECT name::text FROM pg_available_extensions',
        [],
        signal,
      );
      this.#offered = { names: new Set(rows.map((row) => row.name)), untilMs: nowMs + 60_000 };
    }
    return this.#offered.names;
  }

  /** Ends every connection. */
  async end(): Promise<void> {
    const pools = [this.#adminPool, ...this.#insidePools.values()];
    this.#insidePools.clear();
    await Promise.all(pools.map((pool) => pool.end()));
  }

  #openInside(databaseName: string): Pool {
    const pool = new Pool({
      ...this.#base,
      database: databaseName,
      max: INSIDE_MAX_CONNECTIONS,
      idleTimeoutMillis: this.#insideIdleMs,
      allowExitOnIdle: true,
    });
    ignoreIdleErrors(pool);
    pool.on('remove', () => {
      const unused = pool.totalCount === 0 && pool.waitingCount === 0;
      if (unused && this.#insidePools.get(databaseName) === pool) this.#insidePools.delete(databaseName);
    });
    this.#insidePools.set(databaseName, pool);
    return pool;
  }
}

/** An idle connection may die at any time (a restart, a forced drop); the pool replaces it on next use. */
function ignoreIdleErrors(pool: Pool): void {
  pool.on('error', () => undefined);
}
