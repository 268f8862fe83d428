/** The connections to one tenant's database. */
import pg from 'pg';
import type { TenantSettings } from '../config/settings.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { type ConnectionTrust, connectionConfig } from './connection-config.ts';
import { acquisitionTimeout, cannotConnect } from './connection-faults.ts';
import { PreparedStatements } from './prepared-statements.ts';

export interface PoolEvents {
  /** A connection could not be made, or broke while nobody used it. */
  onConnectionError?(error: unknown): void;
  /** The first connection after the database was down. */
  onRecovery?(): void;
}

export interface PoolStats {
  readonly max: number;
  /** Open, used or not. */
  readonly total: number;
  readonly idle: number;
  /** Callers that wait for a connection. */
  readonly waiting: number;
  readonly timeouts: number;
}

type PoolSettings = Pick<
  TenantSettings,
  'dbUri' | 'dbPool' | 'dbPoolAcquisitionTimeoutMs' | 'dbPoolMaxIdleMs' | 'dbPoolMaxLifetimeMs'
>;

/** Statements that stay prepared on one connection. */
const PREPARED_LIMIT = 100;
const QUEUE_TIMEOUT = 'timeout exceeded when trying to connect';

const preparedByClient = new WeakMap<pg.ClientBase, PreparedStatements>();

export function preparedStatementsOf(client: pg.ClientBase): PreparedStatements {
  let prepared = preparedByClient.get(client);
  if (prepared === undefined) {
    prepared = new PreparedStatements(PREPARED_LIMIT);
    preparedByClient.set(client, prepared);
  }
  return prepared;
}

/** Opens nothing before the first `acquire`, and shrinks to nothing when nobody asks. */
export class TenantPool {
  readonly #settings: PoolSettings;
  readonly #trust: ConnectionTrust;
  readonly #events: PoolEvents;
  readonly #breaker = new CircuitBreaker();
  #pool: pg.Pool | undefined;
  #timeouts = 0;
  #ending: Promise<void> | undefined;

  constructor(
    settings: PoolSettings,
    trust: ConnectionTrust = { isOperators: false },
    events: PoolEvents = {},
  ) {
    this.#settings = settings;
    this.#trust = trust;
    this.#events = events;
  }

  /** The last attempt to connect failed. */
  get isBroken(): boolean {
    return this.#breaker.isOpen;
  }

  /** `acquire` would refuse at once. */
  get isResting(): boolean {
    return this.#breaker.isResting;
  }

  stats(): PoolStats {
    return {
      max: this.#settings.dbPool,
      total: this.#pool?.totalCount ?? 0,
      idle: this.#pool?.idleCount ?? 0,
      waiting: this.#pool?.waitingCount ?? 0,
      timeouts: this.#timeouts,
    };
  }

  /**
   * A connection, to be released by the caller: `release()` to be used again, `release(true)` to be closed.
   * Throws `RestFault`: PGRST003 when none came free in time, PGRST000 when none could be made; at once while the
   * database is known to be down. `ConfigFault` for a `db-uri` that is none.
   */
  async acquire(): Promise<pg.PoolClient> {
    if (!this.#breaker.allows()) throw cannotConnect(undefined);
    const pool = this.#open();
    try {
      const client = await pool.connect();
      if (this.#breaker.succeed()) this.#events.onRecovery?.();
      return client;
    } catch (error) {
      throw this.#explain(error);
    }
  }

  /** Closes connections as they come back. Nobody may be waiting. */
  end(): Promise<void> {
    this.#ending ??= this.#pool?.end() ?? Promise.resolve();
    return this.#ending;
  }

  #explain(error: unknown): unknown {
    if (error instanceof Error && error.message === QUEUE_TIMEOUT) {
      this.#timeouts += 1;
      this.#breaker.abandon();
      return acquisitionTimeout();
    }
    // A server that has no connection left still serves those that there are.
    if (error instanceof pg.DatabaseError && error.code === '53300') this.#breaker.abandon();
    else this.#breaker.fail();
    this.#events.onConnectionError?.(error);
    return cannotConnect(error);
  }

  #open(): pg.Pool {
    if (this.#pool !== undefined) return this.#pool;
    const settings = this.#settings;
    const pool = new pg.Pool({
      ...connectionConfig(settings.dbUri, this.#trust),
      max: settings.dbPool,
      connectionTimeoutMillis: settings.dbPoolAcquisitionTimeoutMs,
      idleTimeoutMillis: settings.dbPoolMaxIdleMs,
      maxLifetimeSeconds: settings.dbPoolMaxLifetimeMs / 1_000,
    });
    pool.on('error', (error) => this.#events.onConnectionError?.(error));
    pool.on('connect', (client) => {
      // Whoever uses it learns from the statement; without a listener the event would end the process.
      client.on('error', () => undefined);
    });
    this.#pool = pool;
    return pool;
  }
}
