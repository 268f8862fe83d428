/** PostgREST's configuration → `Settings`, with PostgREST's defaults. */
import { readFile } from 'node:fs/promises';
import { checkJwtSecret, parseProxyUri, parseSchemas, parseSocketMode } from './check-values.ts';
import { ConfigFault } from './config-fault.ts';
import { warnOfKeys } from './known-keys.ts';
import { parseConfigFile } from './parse-config-file.ts';
import { SettingSource, splitOnCommas } from './setting-source.ts';
import type { ServerSettings, Settings, TenantSettings } from './settings.ts';

export interface ReadOptions {
  /** `PGRST_DB_URI` and so on beat the file. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** What `$(NAME)` may stand for. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** `@path` in `db-uri` and `jwt-secret` is read; otherwise it is refused. */
  readonly allowsFiles?: boolean;
  /** `db-uri` may be absent, and neither a role for strangers nor a secret is needed, as in PostgREST. */
  readonly isLenient?: boolean;
}

const SECOND_MS = 1_000;
const HOISTED = ['statement_timeout', 'plan_filter.statement_cost_limit', 'default_transaction_isolation'];

/**
 * Reads the text of a configuration file. Throws `ConfigSyntaxError` for what is no configuration at all, and
 * `ConfigFault` for values that cannot be; what is merely odd is told in `warnings`.
 */
export async function readSettings(text: string, options: ReadOptions = {}): Promise<Settings> {
  const warnings: string[] = [];
  const file = parseConfigFile(text, options.variables);
  const source = new SettingSource(file, options.environment ?? {}, warnings);
  warnings.push(...warnOfKeys(file.keys(), (key) => source.findAnyText(key)));
  const tenant = await readTenant(source, options);
  if (tenant.dbAnonRole === null && tenant.jwtSecret === null) {
    const sentence = 'neither db-anon-role nor jwt-secret is set, so nobody can make a request';
    if (options.isLenient !== true) throw new ConfigFault(sentence);
    warnings.push(sentence);
  }
  return { tenant, server: readServer(source), warnings };
}

async function readTenant(source: SettingSource, options: ReadOptions): Promise<TenantSettings> {
  const extraSearchPath = source.findAnyText('db-extra-search-path') ?? 'public';
  return {
    dbUri: await readDbUri(source, options),
    dbSchemas: parseSchemas(source.findList('db-schemas', 'db-schema') ?? ['public']),
    dbAnonRole: source.findText('db-anon-role'),
    ...readPool(source),
    dbMaxRows: source.findWhole(['db-max-rows', 'max-rows']),
    dbPreRequest: source.findText('db-pre-request', 'pre-request'),
    dbRootSpec: source.findText('db-root-spec', 'root-spec'),
    dbExtraSearchPath: extraSearchPath === '' ? [] : splitOnCommas(extraSearchPath),
    dbTxEnd: source.getChoice(
      'db-tx-end',
      ['commit', 'commit-allow-override', 'rollback', 'rollback-allow-override'],
      'commit',
    ),
    dbAggregatesEnabled: source.getFlag('db-aggregates-enabled', false),
    dbPlanEnabled: source.getFlag('db-plan-enabled', false),
    dbPreparedStatements: source.getFlag('db-prepared-statements', true),
    dbChannelEnabled: source.getFlag('db-channel-enabled', true),
    dbChannel: source.findText('db-channel') ?? 'pgrst',
    dbHoistedTxSettings: source.findList('db-hoisted-tx-settings') ?? HOISTED,
    ...(await readJwt(source, options)),
    openapiMode: source.getChoice(
      'openapi-mode',
      ['follow-privileges', 'ignore-privileges', 'disabled'],
      'follow-privileges',
    ),
    openapiSecurityActive: source.getFlag('openapi-security-active', false),
    openapiServerProxyUri: parseProxyUri(source.findText('openapi-server-proxy-uri')),
    serverCorsAllowedOrigins: source.findList('server-cors-allowed-origins'),
    serverTraceHeader: source.findText('server-trace-header'),
    serverTimingEnabled: source.getFlag('server-timing-enabled', false),
    appSettings: source.appSettings(),
  };
}

/** Seconds in the file. `db-pool-timeout` is an old name of the idle time, and wins where both are set. */
function readPool(source: SettingSource) {
  return {
    dbPool: source.getWhole('db-pool', 10, 1),
    dbPoolAcquisitionTimeoutMs: source.getWhole('db-pool-acquisition-timeout', 10, 1) * SECOND_MS,
    dbPoolMaxIdleMs: (source.findWhole(['db-pool-timeout', 'db-pool-max-idletime'], 1) ?? 30) * SECOND_MS,
    dbPoolMaxLifetimeMs: source.getWhole('db-pool-max-lifetime', 1_800, 1) * SECOND_MS,
  };
}

async function readJwt(source: SettingSource, options: ReadOptions) {
  const written = source.findText('jwt-secret');
  const text = written === null ? null : await resolveFile('jwt-secret', written, options);
  const isBase64 = source.getFlag('jwt-secret-is-base64', false, 'secret-is-base64');
  const jwtSecret = text === null ? null : { text: text.replace(/\n$/, ''), isBase64 };
  if (jwtSecret !== null) checkJwtSecret(jwtSecret);
  const jwtAud = source.findText('jwt-aud');
  if (jwtAud?.includes(':') && !URL.canParse(jwtAud)) {
    throw new ConfigFault('jwt-aud must be a plain text or a valid URI');
  }
  return {
    jwtSecret,
    jwtAud,
    jwtRoleClaimKey: source.findText('jwt-role-claim-key', 'role-claim-key') ?? '.role',
    jwtCacheMaxEntries: source.getWhole('jwt-cache-max-entries', 1_000),
  };
}

async function readDbUri(source: SettingSource, options: ReadOptions): Promise<string> {
  const written = source.findText('db-uri');
  if (written !== null) return (await resolveFile('db-uri', written, options)).trim();
  if (options.isLenient === true) return 'postgresql://';
  throw new ConfigFault('db-uri is missing');
}

async function resolveFile(key: string, value: string, options: ReadOptions): Promise<string> {
  if (!value.startsWith('@')) return value;
  if (options.allowsFiles !== true) {
    throw new ConfigFault(`${key} begins with @, and reading a file is not allowed here`);
  }
  try {
    return await readFile(value.slice(1), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigFault(`the file that ${key} names cannot be read (${code ?? 'unknown reason'})`);
  }
}

function readServer(source: SettingSource): ServerSettings {
  const port = source.getWhole('server-port', 3_000);
  const adminPort = source.findWhole(['admin-server-port']);
  const unixSocket = source.findText('server-unix-socket');
  if (adminPort !== null && adminPort === port && port !== 0) {
    throw new ConfigFault('admin-server-port cannot be the same as server-port');
  }
  const host = source.findText('server-host') ?? '!4';
  return {
    host,
    port,
    unixSocket,
    unixSocketMode: parseSocketMode(source.findText('server-unix-socket-mode')),
    adminPort,
    adminHost: source.findText('admin-server-host') ?? host,
    logLevel: source.getChoice('log-level', ['crit', 'error', 'warn', 'info', 'debug'], 'error'),
  };
}
