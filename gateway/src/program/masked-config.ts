/** Settings as the lines of a configuration file, without what nobody may see. */
import type { Settings, TenantSettings } from '../config/settings.ts';

const MASK = '******';
const SECOND_MS = 1_000;

type Line = readonly [key: string, value: boolean | number | string | null];

export function renderMaskedConfig({ tenant, server }: Settings): string {
  const lines: Line[] = [
    ['admin-server-host', server.adminHost],
    ['admin-server-port', server.adminPort],
    ...databaseLines(tenant),
    ['jwt-aud', tenant.jwtAud],
    ['jwt-cache-max-entries', tenant.jwtCacheMaxEntries],
    ['jwt-role-claim-key', tenant.jwtRoleClaimKey],
    ['jwt-secret', tenant.jwtSecret === null ? null : MASK],
    ['jwt-secret-is-base64', tenant.jwtSecret?.isBase64 ?? false],
    ['log-level', server.logLevel],
    ['openapi-mode', tenant.openapiMode],
    ['openapi-security-active', tenant.openapiSecurityActive],
    ['openapi-server-proxy-uri', tenant.openapiServerProxyUri],
    ['server-cors-allowed-origins', tenant.serverCorsAllowedOrigins?.join(',') ?? null],
    ['server-host', server.host],
    ['server-port', server.port],
    ['server-timing-enabled', tenant.serverTimingEnabled],
    ['server-trace-header', tenant.serverTraceHeader],
    ['server-unix-socket', server.unixSocket],
    ['server-unix-socket-mode', server.unixSocketMode.toString(8)],
    ...Object.keys(tenant.appSettings).map((key) => [key, MASK] as const),
  ];
  return lines.map(([key, value]) => `${key} = ${renderValue(value)}\n`).join('');
}

function databaseLines(tenant: TenantSettings): Line[] {
  return [
    ['db-aggregates-enabled', tenant.dbAggregatesEnabled],
    ['db-anon-role', tenant.dbAnonRole],
    ['db-channel', tenant.dbChannel],
    ['db-channel-enabled', tenant.dbChannelEnabled],
    ['db-extra-search-path', tenant.dbExtraSearchPath.join(',')],
    ['db-hoisted-tx-settings', tenant.dbHoistedTxSettings.join(',')],
    ['db-max-rows', tenant.dbMaxRows],
    ['db-plan-enabled', tenant.dbPlanEnabled],
    ['db-pool', tenant.dbPool],
    ['db-pool-acquisition-timeout', tenant.dbPoolAcquisitionTimeoutMs / SECOND_MS],
    ['db-pool-max-idletime', tenant.dbPoolMaxIdleMs / SECOND_MS],
    ['db-pool-max-lifetime', tenant.dbPoolMaxLifetimeMs / SECOND_MS],
    ['db-pre-request', tenant.dbPreRequest],
    ['db-prepared-statements', tenant.dbPreparedStatements],
    ['db-root-spec', tenant.dbRootSpec],
    ['db-schemas', tenant.dbSchemas.join(',')],
    ['db-tx-end', tenant.dbTxEnd],
    // A password can stand in more than one place of it.
    ['db-uri', MASK],
  ];
}

function renderValue(value: boolean | number | string | null): string {
  if (value === null) return '""';
  return typeof value === 'string'
    ? `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
    : String(value);
}
