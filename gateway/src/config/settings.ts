/** The settings of PostgREST's configuration file, typed. Times in milliseconds. */

export interface TenantSettings {
  readonly dbUri: string;
  /** The first is the default. */
  readonly dbSchemas: readonly [string, ...string[]];
  readonly dbAnonRole: string | null;
  readonly dbPool: number;
  readonly dbPoolAcquisitionTimeoutMs: number;
  readonly dbPoolMaxIdleMs: number;
  readonly dbPoolMaxLifetimeMs: number;
  readonly dbMaxRows: number | null;
  /** A function, perhaps with its schema. */
  readonly dbPreRequest: string | null;
  readonly dbRootSpec: string | null;
  readonly dbExtraSearchPath: readonly string[];
  readonly dbTxEnd: 'commit' | 'commit-allow-override' | 'rollback' | 'rollback-allow-override';
  readonly dbAggregatesEnabled: boolean;
  readonly dbPlanEnabled: boolean;
  readonly dbPreparedStatements: boolean;
  readonly dbChannelEnabled: boolean;
  readonly dbChannel: string;
  readonly dbHoistedTxSettings: readonly string[];
  /** `null`: no token is accepted. The text is a JWK set, a JWK, or a secret. */
  readonly jwtSecret: { readonly text: string; readonly isBase64: boolean } | null;
  readonly jwtAud: string | null;
  /** Steps into the claims: a key, an index, or a filter of an array. */
  readonly jwtRoleClaimKey: string;
  readonly jwtCacheMaxEntries: number;
  readonly openapiMode: 'disabled' | 'follow-privileges' | 'ignore-privileges';
  readonly openapiSecurityActive: boolean;
  readonly openapiServerProxyUri: string | null;
  readonly serverCorsAllowedOrigins: readonly string[] | null;
  readonly serverTraceHeader: string | null;
  readonly serverTimingEnabled: boolean;
  /** `app.settings.*`. */
  readonly appSettings: Readonly<Record<string, string>>;
}

export interface ServerSettings {
  readonly host: string;
  readonly port: number;
  readonly unixSocket: string | null;
  readonly unixSocketMode: number;
  /** `null`: no admin server. */
  readonly adminPort: number | null;
  readonly adminHost: string;
  readonly logLevel: 'crit' | 'debug' | 'error' | 'info' | 'warn';
}

export interface Settings {
  readonly tenant: TenantSettings;
  readonly server: ServerSettings;
  /** Sentences about keys that are unknown, for the log. */
  readonly warnings: readonly string[];
}
