/** Keys that the settings are read from, old names included; `app.settings.*` comes on top. */
const SUPPORTED = [
  'admin-server-host',
  'admin-server-port',
  'db-aggregates-enabled',
  'db-anon-role',
  'db-channel',
  'db-channel-enabled',
  'db-extra-search-path',
  'db-hoisted-tx-settings',
  'db-max-rows',
  'db-plan-enabled',
  'db-pool',
  'db-pool-acquisition-timeout',
  'db-pool-max-idletime',
  'db-pool-max-lifetime',
  'db-pool-timeout',
  'db-pre-request',
  'db-prepared-statements',
  'db-root-spec',
  'db-schema',
  'db-schemas',
  'db-tx-end',
  'db-uri',
  'jwt-aud',
  'jwt-cache-max-entries',
  'jwt-role-claim-key',
  'jwt-secret',
  'jwt-secret-is-base64',
  'log-level',
  'max-rows',
  'openapi-mode',
  'openapi-security-active',
  'openapi-server-proxy-uri',
  'pre-request',
  'role-claim-key',
  'root-spec',
  'secret-is-base64',
  'server-cors-allowed-origins',
  'server-host',
  'server-port',
  'server-timing-enabled',
  'server-trace-header',
  'server-unix-socket',
  'server-unix-socket-mode',
] as const;

/** PostgREST knows them, and here they change nothing; the value is the one that needs no word about that. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  'client-error-verbosity': 'verbose',
  'db-config': '',
  'db-pool-automatic-recovery': 'true',
  'db-pre-config': '',
  'db-timezone-enabled': 'true',
  'db-use-legacy-gucs': 'false',
  'jwt-cache-max-lifetime': '',
  'log-query': 'false',
  'raw-media-types': '',
  'server-otel-enabled': 'false',
};

/** Sentences about keys of a file that are unknown, or known and without effect. */
export function warnOfKeys(keys: Iterable<string>, read: (key: string) => string | null): string[] {
  const warnings: string[] = [];
  const supported: ReadonlySet<string> = new Set(SUPPORTED);
  for (const key of keys) {
    if (supported.has(key) || key.startsWith('app.settings.')) continue;
    const harmless = Object.hasOwn(WITHOUT_EFFECT, key) ? WITHOUT_EFFECT[key] : undefined;
    if (harmless === undefined) warnings.push(`the key ${key} is unknown and ignored`);
    else if (read(key) !== harmless) warnings.push(`the key ${key} has no effect here`);
  }
  return warnings;
}
