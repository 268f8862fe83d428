import type { TenantSettings } from '../config/settings.ts';
import type { RestRequest } from '../tenants/exchange.ts';

const DEFAULTS: TenantSettings = {
  dbUri: 'postgres://localhost/none',
  dbSchemas: ['public'],
  dbAnonRole: 'web_anon',
  dbPool: 10,
  dbPoolAcquisitionTimeoutMs: 10_000,
  dbPoolMaxIdleMs: 30_000,
  dbPoolMaxLifetimeMs: 1_800_000,
  dbMaxRows: null,
  dbPreRequest: null,
  dbRootSpec: null,
  dbExtraSearchPath: ['public'],
  dbTxEnd: 'commit',
  dbAggregatesEnabled: false,
  dbPlanEnabled: false,
  dbPreparedStatements: true,
  dbChannelEnabled: true,
  dbChannel: 'pgrst',
  dbHoistedTxSettings: [],
  jwtSecret: null,
  jwtAud: null,
  jwtRoleClaimKey: '.role',
  jwtCacheMaxEntries: 1000,
  openapiMode: 'follow-privileges',
  openapiSecurityActive: false,
  openapiServerProxyUri: null,
  serverCorsAllowedOrigins: null,
  serverTraceHeader: null,
  serverTimingEnabled: false,
  appSettings: {},
};

/** Settings for unit tests. */
export function tenantSettings(changes: Partial<TenantSettings> = {}): TenantSettings {
  return { ...DEFAULTS, ...changes };
}

/** A request for unit tests. */
export function requestOf(
  method: string,
  url: string,
  { headers = {}, body = '' }: { headers?: Record<string, string>; body?: Buffer | string } = {},
): RestRequest {
  return { method, url, headers, body: Buffer.from(body), remoteAddress: null };
}
