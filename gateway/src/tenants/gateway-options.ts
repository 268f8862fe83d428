/** The log that the gateway writes to; pino's loggers are some. No statement, value or secret is ever in it. */
export interface GatewayLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface GatewayOptions {
  /**
   * Every `db-uri` was written by the operator of this process: libpq's environment and certificate files count.
   * Default false: a tenant's text reads nothing of ours.
   */
  readonly trustsConfiguration?: boolean;
  /** For the schema caches of all tenants together. Default 256 MiB. */
  readonly cacheBudgetBytes?: number;
  /** A tenant that nobody asks for so long gives everything back; `null`: never. Default 10 minutes. */
  readonly idleTenantMs?: number | null;
  /** Requests of one tenant that may wait for their turn. Default 200. */
  readonly maxWaiting?: number;
  readonly log?: GatewayLog;
  /** `NOTIFY pgrst, 'reload config'` came from the tenant's database. */
  readonly onReloadConfig?: (tenantId: string) => void;
}

const ignore = (): void => undefined;

export const SILENT_LOG: GatewayLog = { debug: ignore, info: ignore, warn: ignore, error: ignore };
