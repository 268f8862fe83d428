/** Numbers about one tenant, for whoever watches the gateway. */
import type { PoolStats } from '../run/pool.ts';

export type StatusClass = '1xx' | '2xx' | '3xx' | '4xx' | '5xx';

export interface TenantMetrics {
  readonly tenantId: string;
  /** Requests answered since the tenant was added, by class of status. */
  readonly requests: Readonly<Record<StatusClass, number>>;
  readonly requestSeconds: number;
  readonly inFlight: number;
  /** Requests that wait for their turn, before they may ask for a connection. */
  readonly queued: number;
  readonly pool: PoolStats;
  readonly schemaCacheLoads: { readonly SUCCESS: number; readonly FAIL: number };
  /** Of the last load. */
  readonly schemaCacheQuerySeconds: number;
  /** Approximate; 0: none is held. */
  readonly schemaCacheBytes: number;
  readonly isDatabaseDown: boolean;
}

/** Made with the first request. */
export class TenantCounters {
  readonly requests: Record<StatusClass, number> = { '1xx': 0, '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 };
  readonly schemaCacheLoads = { SUCCESS: 0, FAIL: 0 };
  requestMs = 0;
  schemaCacheQueryMs = 0;
  inFlight = 0;
  /** Of pools that are gone. */
  poolTimeouts = 0;

  countRequest(status: number, durationMs: number): void {
    const statusClass = `${Math.floor(status / 100)}xx`;
    if (Object.hasOwn(this.requests, statusClass)) this.requests[statusClass as StatusClass] += 1;
    this.requestMs += durationMs;
  }
}
