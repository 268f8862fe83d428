/** A registered tenant. Idle, it is its settings and nothing else. */
import type { TenantSettings } from '../config/settings.ts';
import type { CacheBudget } from './cache-budget.ts';
import { TenantCounters, type TenantMetrics } from './tenant-metrics.ts';
import { type RuntimeContext, TenantRuntime } from './tenant-runtime.ts';

export type TenantContext = Omit<RuntimeContext, 'counters' | 'onReloadConfig' | 'tenantId'> & {
  readonly onReloadConfig: (tenantId: string) => void;
};

const NO_COUNTERS = new TenantCounters();

/** Settings that decide what the schema cache holds, and of which database. */
const SCHEMA_KEYS = [
  'dbUri',
  'dbSchemas',
  'dbExtraSearchPath',
  'dbHoistedTxSettings',
  'dbPreRequest',
] as const;

export class Tenant {
  readonly id: string;
  readonly #context: TenantContext;
  #settings: TenantSettings;
  #runtime: TenantRuntime | undefined;
  #counters: TenantCounters | undefined;
  #change: Promise<void> = Promise.resolve();
  #isRemoved = false;

  constructor(id: string, settings: TenantSettings, context: TenantContext) {
    this.id = id;
    this.#settings = settings;
    this.#context = context;
  }

  get settings(): TenantSettings {
    return this.#settings;
  }

  get counters(): TenantCounters {
    this.#counters ??= new TenantCounters();
    return this.#counters;
  }

  /** Undefined while nobody uses it. */
  get runtime(): TenantRuntime | undefined {
    return this.#runtime;
  }

  getRuntime(): TenantRuntime {
    this.#runtime ??= this.#createRuntime(this.#settings);
    return this.#runtime;
  }

  /**
   * Puts new settings in the place of the old ones in one step; requests in flight finish on the old ones. Where the
   * schemas may differ, their cache is loaded first; when that fails, the old settings stay and this rejects.
   */
  change(settings: TenantSettings): Promise<void> {
    const change = this.#change.catch(() => undefined).then(() => this.#swap(settings));
    this.#change = change;
    // Whoever asked gets the error; the chain itself only keeps changes in their order.
    change.catch(() => undefined);
    return change;
  }

  /** Gives everything back but the settings. Resolves when the last connection is closed. */
  async sleep(): Promise<void> {
    const runtime = this.#runtime;
    this.#runtime = undefined;
    await runtime?.retire();
  }

  remove(): Promise<void> {
    this.#isRemoved = true;
    return this.sleep();
  }

  metrics(budget: CacheBudget): TenantMetrics {
    const runtime = this.#runtime;
    const counters = this.#counters ?? NO_COUNTERS;
    const pool = runtime?.pool.stats() ?? {
      max: this.#settings.dbPool,
      total: 0,
      idle: 0,
      waiting: 0,
      timeouts: 0,
    };
    return {
      tenantId: this.id,
      requests: { ...counters.requests },
      requestSeconds: counters.requestMs / 1_000,
      inFlight: counters.inFlight,
      queued: runtime?.admission.waiting ?? 0,
      pool: { ...pool, timeouts: pool.timeouts + counters.poolTimeouts },
      schemaCacheLoads: { ...counters.schemaCacheLoads },
      schemaCacheQuerySeconds: counters.schemaCacheQueryMs / 1_000,
      schemaCacheBytes: runtime === undefined ? 0 : budget.bytesOf(runtime),
      isDatabaseDown: runtime?.pool.isBroken ?? false,
    };
  }

  async #swap(settings: TenantSettings): Promise<void> {
    const old = this.#runtime;
    const oldCache = old?.cache;
    if (old === undefined || oldCache === undefined) {
      await this.#replace(settings, undefined);
      return;
    }
    if (isSameSchema(old.settings, settings)) {
      const next = this.#createRuntime(settings);
      next.adopt(oldCache);
      await this.#replace(settings, next);
      return;
    }
    const next = this.#createRuntime(settings);
    try {
      await next.reloadSchema();
    } catch (error) {
      await next.retire();
      throw error;
    }
    await this.#replace(settings, next);
  }

  async #replace(settings: TenantSettings, next: TenantRuntime | undefined): Promise<void> {
    if (this.#isRemoved) {
      await next?.retire();
      return;
    }
    const old = this.#runtime;
    this.#settings = settings;
    this.#runtime = next;
    // It ends when its last request does; nobody has to wait for that.
    void old?.retire();
  }

  #createRuntime(settings: TenantSettings): TenantRuntime {
    const { onReloadConfig, ...context } = this.#context;
    return new TenantRuntime(settings, {
      ...context,
      tenantId: this.id,
      counters: this.counters,
      onReloadConfig: () => onReloadConfig(this.id),
    });
  }
}

function isSameSchema(one: TenantSettings, other: TenantSettings): boolean {
  return SCHEMA_KEYS.every((key) => JSON.stringify(one[key]) === JSON.stringify(other[key]));
}
