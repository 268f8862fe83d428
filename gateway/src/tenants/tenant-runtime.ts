/** What a tenant in use keeps: pool, keys, schema cache, listener. A change of settings makes a new one. */
import { type Authenticate, authenticator } from '../auth/authenticate.ts';
import type { TenantSettings } from '../config/settings.ts';
import { RestFault } from '../fault.ts';
import { CircuitBreaker } from '../run/circuit-breaker.ts';
import type { ConnectionTrust } from '../run/connection-config.ts';
import { noSchemaCache } from '../run/connection-faults.ts';
import { NotifyListener } from '../run/notify-listener.ts';
import { TenantPool } from '../run/pool.ts';
import { loadSchema } from '../schema/load-schema.ts';
import type { SchemaCache } from '../schema/schema-cache.ts';
import { Admission } from './admission.ts';
import { approximateSize } from './approximate-size.ts';
import type { CacheBudget, CacheHolder } from './cache-budget.ts';
import type { GatewayLog } from './gateway-options.ts';
import type { TenantCounters } from './tenant-metrics.ts';

export interface RuntimeContext {
  readonly tenantId: string;
  readonly counters: TenantCounters;
  readonly budget: CacheBudget;
  readonly trust: ConnectionTrust;
  readonly maxWaiting: number;
  readonly log: GatewayLog;
  readonly onReloadConfig: () => void;
}

/** The listener may take its time: a cold request waits for it only so long. */
const LISTEN_MS = 1_000;

export class TenantRuntime implements CacheHolder {
  readonly settings: TenantSettings;
  readonly pool: TenantPool;
  readonly admission: Admission;
  /** By `performance.now()`. */
  lastUsedAt = performance.now();
  readonly #context: RuntimeContext;
  readonly #loadBreaker = new CircuitBreaker();
  #authenticate: Authenticate | undefined;
  #cache: SchemaCache | undefined;
  #loading: Promise<SchemaCache> | undefined;
  #nextLoad: Promise<SchemaCache> | undefined;
  #listener: NotifyListener | undefined;
  #inFlight = 0;
  #retired: PromiseWithResolvers<void> | undefined;
  #listenerGone: Promise<void> = Promise.resolve();

  /** Opens nothing. */
  constructor(settings: TenantSettings, context: RuntimeContext) {
    this.settings = settings;
    this.#context = context;
    const { tenantId, log } = context;
    this.pool = new TenantPool(settings, context.trust, {
      onConnectionError: (error) =>
        log.warn({ tenantId, code: codeOf(error) }, 'the database connection failed'),
      onRecovery: () => this.#onRecovery(),
    });
    this.admission = new Admission({
      running: 2 * settings.dbPool,
      waiting: context.maxWaiting,
      waitMs: settings.dbPoolAcquisitionTimeoutMs,
    });
  }

  get cache(): SchemaCache | undefined {
    return this.#cache;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get authenticate(): Authenticate {
    this.#authenticate ??= authenticator(this.settings);
    return this.#authenticate;
  }

  /** As far as is known without asking. */
  get isUsable(): boolean {
    return this.#cache !== undefined && !this.pool.isBroken;
  }

  /** Whether there is a schema cache and a connection, making what is missing. */
  async probe(): Promise<boolean> {
    try {
      await this.getSchema();
      if (this.pool.stats().idle === 0) (await this.pool.acquire()).release();
      return true;
    } catch (error) {
      // A pool that is busy is no reason to send people away; any other cause is logged where it happened.
      return error instanceof RestFault && error.code === 'PGRST003' && this.isUsable;
    }
  }

  /** While it works on a request, its pool stays open. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    this.#inFlight += 1;
    this.lastUsedAt = performance.now();
    try {
      return await work();
    } finally {
      this.#inFlight -= 1;
      if (this.#inFlight === 0 && this.#retired !== undefined) this.#close(this.#retired);
    }
  }

  /** Loads on first use; all who wait share one load. Throws `RestFault` 503 PGRST002. */
  async getSchema(): Promise<SchemaCache> {
    if (this.#cache !== undefined) {
      this.#context.budget.touch(this);
      return this.#cache;
    }
    if (this.#loading === undefined && (this.pool.isResting || !this.#loadBreaker.allows())) {
      throw noSchemaCache();
    }
    try {
      return await (this.#loading ?? this.#startLoad());
    } catch {
      // Its cause stands in the log; a client is told no more than PostgREST tells.
      throw noSchemaCache();
    }
  }

  /** Loads again, beginning after this call. Requests meanwhile see the cache that there is, also when it fails. */
  reloadSchema(): Promise<SchemaCache> {
    if (this.#loading === undefined) return this.#startLoad();
    this.#nextLoad ??= this.#loading
      .catch(() => undefined)
      .then(() => {
        this.#nextLoad = undefined;
        return this.#startLoad();
      });
    return this.#nextLoad;
  }

  /** Takes over what a runtime that saw the same schemas knew, and loads anew meanwhile. */
  adopt(cache: SchemaCache): void {
    this.#keep(cache);
    this.#reloadInBackground();
  }

  dropCache(): void {
    this.#cache = undefined;
    this.#stopListening();
  }

  /** Closes everything as soon as the requests in flight are done. */
  retire(): Promise<void> {
    if (this.#retired !== undefined) return this.#retired.promise;
    const retired = Promise.withResolvers<void>();
    this.#retired = retired;
    this.#context.budget.remove(this);
    this.#stopListening();
    if (this.#inFlight === 0) this.#close(retired);
    return retired.promise;
  }

  #close(retired: PromiseWithResolvers<void>): void {
    this.#context.counters.poolTimeouts += this.pool.stats().timeouts;
    void Promise.allSettled([this.pool.end(), this.#listenerGone]).then(() => retired.resolve());
  }

  #startLoad(): Promise<SchemaCache> {
    const loading = this.use(() => this.#load()).finally(() => {
      this.#loading = undefined;
    });
    this.#loading = loading;
    return loading;
  }

  async #load(): Promise<SchemaCache> {
    const { counters, log, tenantId } = this.#context;
    try {
      const { cache, durationMs } = await this.#query();
      counters.schemaCacheLoads.SUCCESS += 1;
      counters.schemaCacheQueryMs = durationMs;
      this.#loadBreaker.succeed();
      this.#keep(cache);
      log.info(
        {
          tenantId,
          tables: cache.tables.size,
          functions: cache.routines.size,
          durationMs: Math.round(durationMs),
        },
        'schema cache loaded',
      );
      return cache;
    } catch (error) {
      counters.schemaCacheLoads.FAIL += 1;
      // The pool minds connections; this minds a database that answers, but not with its schema.
      if (error instanceof RestFault) this.#loadBreaker.abandon();
      else this.#loadBreaker.fail();
      log.error({ tenantId, code: codeOf(error) }, 'the schema cache could not be loaded');
      throw error;
    }
  }

  /** Listens first, so that no notice between the load and the listening is missed. */
  async #query(): Promise<{ cache: SchemaCache; durationMs: number }> {
    const [client] = await Promise.all([this.pool.acquire(), this.#listen()]);
    const startedAt = performance.now();
    let isClean = false;
    try {
      const cache = await loadSchema(client, this.settings);
      isClean = true;
      return { cache, durationMs: performance.now() - startedAt };
    } finally {
      client.release(!isClean);
    }
  }

  #keep(cache: SchemaCache): void {
    if (this.#retired !== undefined) return;
    this.#cache = cache;
    this.#context.budget.put(this, approximateSize(cache));
  }

  async #listen(): Promise<void> {
    if (!this.settings.dbChannelEnabled || this.#listener !== undefined || this.#retired !== undefined)
      return;
    const { tenantId, log, onReloadConfig, trust } = this.#context;
    const listener = new NotifyListener(this.settings, trust, {
      onReloadSchema: () => this.#reloadInBackground(),
      onReloadConfig,
      onConnectionError: (error) =>
        log.warn({ tenantId, code: codeOf(error) }, 'the listener lost its connection'),
    });
    this.#listener = listener;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, LISTEN_MS);
    await Promise.race([listener.start(), promise]);
    clearTimeout(timer);
  }

  #stopListening(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener !== undefined) this.#listenerGone = listener.stop();
  }

  /** Changes made while the database was away were told to nobody. */
  #onRecovery(): void {
    this.#context.log.info({ tenantId: this.#context.tenantId }, 'the database is back');
    this.#listener?.hurry();
    if (this.#cache !== undefined) this.#reloadInBackground();
  }

  #reloadInBackground(): void {
    if (this.#retired !== undefined) return;
    // A failure is logged and counted, and the cache that there is stays in use.
    this.reloadSchema().catch(() => undefined);
  }
}

/** What may be logged of an error: its code. Messages can quote values. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && error.code !== undefined ? String(error.code) : error.name;
}
