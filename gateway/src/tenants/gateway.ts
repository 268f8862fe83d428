/** PostgREST's HTTP API for many databases in one process. The entry of the package. */
import { authenticator } from '../auth/authenticate.ts';
import type { TenantSettings } from '../config/settings.ts';
import { RestFault } from '../fault.ts';
import { presentFault } from '../respond/fault-response.ts';
import { connectionConfig } from '../run/connection-config.ts';
import { answerRequest } from './answer-request.ts';
import { CacheBudget } from './cache-budget.ts';
import type { RestRequest, RestResponse } from './exchange.ts';
import { type GatewayOptions, SILENT_LOG } from './gateway-options.ts';
import { Tenant, type TenantContext } from './tenant.ts';
import type { TenantMetrics } from './tenant-metrics.ts';

export { ConfigFault } from '../config/config-fault.ts';
export { ConfigSyntaxError } from '../config/config-syntax-error.ts';
export { parseConfigFile } from '../config/parse-config-file.ts';
export { type ReadOptions, readSettings } from '../config/read-settings.ts';
export type { ServerSettings, Settings, TenantSettings } from '../config/settings.ts';
export { RestFault } from '../fault.ts';
export { type Route, requestListener } from '../program/request-listener.ts';
export type { RestRequest, RestResponse } from './exchange.ts';
export type { GatewayLog, GatewayOptions } from './gateway-options.ts';
export { renderMetrics } from './render-metrics.ts';
export type { TenantMetrics } from './tenant-metrics.ts';

const CACHE_BUDGET_BYTES = 256 * 1024 * 1024;
const IDLE_TENANT_MS = 10 * 60_000;
const SWEEP_MS = 30_000;
const MAX_WAITING = 200;
const PROBE_MS = 1_000;

export interface TenantStatus {
  /** Requests need not wait for a schema cache. */
  readonly isReady: boolean;
  /** The last attempt to connect failed. */
  readonly isDatabaseDown: boolean;
}

export class Gateway {
  readonly #tenants = new Map<string, Tenant>();
  readonly #budget: CacheBudget;
  readonly #context: TenantContext;
  readonly #idleTenantMs: number | null;
  #sweeper: NodeJS.Timeout | undefined;

  constructor(options: GatewayOptions = {}) {
    this.#budget = new CacheBudget(options.cacheBudgetBytes ?? CACHE_BUDGET_BYTES);
    this.#idleTenantMs = options.idleTenantMs === undefined ? IDLE_TENANT_MS : options.idleTenantMs;
    this.#context = {
      budget: this.#budget,
      trust: { isOperators: options.trustsConfiguration ?? false },
      maxWaiting: options.maxWaiting ?? MAX_WAITING,
      log: options.log ?? SILENT_LOG,
      onReloadConfig: options.onReloadConfig ?? (() => undefined),
    };
  }

  get tenantIds(): readonly string[] {
    return [...this.#tenants.keys()];
  }

  has(id: string): boolean {
    return this.#tenants.has(id);
  }

  /**
   * Adds a tenant, or changes one: requests from now on see the new settings, those in flight finish on the old ones.
   * A tenant in use whose schemas may differ has its new cache loaded before, and keeps the old settings when that
   * fails. Rejects with `ConfigFault` or `Error` for settings that can never work, and with what the load failed of.
   */
  async setTenant(id: string, settings: TenantSettings): Promise<void> {
    connectionConfig(settings.dbUri, this.#context.trust);
    authenticator(settings);
    const tenant = this.#tenants.get(id);
    if (tenant !== undefined) return tenant.change(settings);
    this.#tenants.set(id, new Tenant(id, settings, this.#context));
  }

  /** Resolves when requests in flight are answered and connections closed; new requests are 404 at once. */
  async removeTenant(id: string): Promise<void> {
    const tenant = this.#tenants.get(id);
    this.#tenants.delete(id);
    await tenant?.remove();
  }

  /** Loads the schema cache anew, also of a tenant that has none yet. Rejects with what it failed of. */
  async reloadSchema(id: string): Promise<void> {
    this.#startSweeping();
    await this.#get(id).getRuntime().reloadSchema();
  }

  status(id: string): TenantStatus {
    const runtime = this.#get(id).runtime;
    return { isReady: runtime?.cache !== undefined, isDatabaseDown: runtime?.pool.isBroken ?? false };
  }

  /**
   * Whether requests can be answered now; connects, and loads the schema cache, where neither is there, and asks no
   * longer than a second. A tenant whose connections are all at work is ready.
   */
  async isReady(id: string): Promise<boolean> {
    this.#startSweeping();
    const runtime = this.#get(id).getRuntime();
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(runtime.isUsable), PROBE_MS);
    const isReady = await Promise.race([runtime.probe(), promise]);
    clearTimeout(timer);
    return isReady;
  }

  /** Of a cache that is loaded; for whoever looks into a running program. */
  findSchemaCache(id: string): object | undefined {
    return this.#get(id).runtime?.cache;
  }

  /** Never rejects: what goes wrong is an answer. */
  async handle(id: string, request: RestRequest): Promise<RestResponse> {
    const tenant = this.#tenants.get(id);
    if (tenant === undefined) return presentUnknownTenant(request);
    this.#startSweeping();
    const startedAt = performance.now();
    const { counters } = tenant;
    counters.inFlight += 1;
    try {
      const runtime = tenant.getRuntime();
      const response = await answerRequest(runtime, request, (error) => this.#logUnexpected(id, error));
      counters.countRequest(response.status, performance.now() - startedAt);
      return response;
    } finally {
      counters.inFlight -= 1;
    }
  }

  metrics(): TenantMetrics[] {
    return [...this.#tenants.values()].map((tenant) => tenant.metrics(this.#budget));
  }

  /** Removes all tenants, as `removeTenant`. */
  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
    await Promise.all([...this.#tenants.keys()].map((id) => this.removeTenant(id)));
  }

  #logUnexpected(tenantId: string, error: unknown): void {
    const isError = error instanceof Error;
    // Messages can quote values; where it happened cannot.
    const at = isError ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
    const name = isError ? error.name : typeof error;
    this.#context.log.error({ tenantId, name, at }, 'a request met an error that nobody expected');
  }

  #get(id: string): Tenant {
    const tenant = this.#tenants.get(id);
    if (tenant === undefined) throw new RestFault(404, 'PGRST125', `There is no tenant ${id}`);
    return tenant;
  }

  /** One timer for all, and none while everybody sleeps. */
  #startSweeping(): void {
    if (this.#sweeper !== undefined || this.#idleTenantMs === null) return;
    this.#sweeper = setInterval(() => this.#sweep(), Math.min(SWEEP_MS, this.#idleTenantMs));
    this.#sweeper.unref();
  }

  #sweep(): void {
    const before = performance.now() - (this.#idleTenantMs ?? 0);
    let isAnyoneAwake = false;
    for (const tenant of this.#tenants.values()) {
      const { runtime } = tenant;
      if (runtime === undefined) continue;
      const isIdle = runtime.inFlight === 0 && runtime.lastUsedAt < before;
      if (isIdle) void tenant.sleep();
      else isAnyoneAwake = true;
    }
    if (isAnyoneAwake) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }
}

function presentUnknownTenant({ headers, method }: RestRequest): RestResponse {
  const fault = new RestFault(404, 'PGRST125', 'Invalid path specified in request URL');
  return presentFault(fault, {
    headers,
    isHead: method === 'HEAD',
    isAnonymous: true,
    settings: { serverCorsAllowedOrigins: null },
  });
}
