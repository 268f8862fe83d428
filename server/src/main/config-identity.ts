/** The part of the configuration that says who may come in, and from where. */
import type { OidcSettings } from '../drivers/oidc/open-oidc-provider.ts';
import { AddressList, parseAddressList } from '../kernel/address-list.ts';
import type { LiveSettings } from '../live/live-feeds.ts';
import type { SessionSettings } from '../operations/context.ts';
import type { WebSettings } from '../surfaces/kit/web-settings.ts';
import type { ConfigReader } from './config-reader.ts';

export type ProviderSettings = Omit<OidcSettings, 'log' | 'refreshMs'>;

export interface IdentityConfig {
  readonly web: WebSettings;
  readonly sessions: SessionSettings;
  readonly providers: readonly ProviderSettings[];
  readonly postLogoutUrl: string | null;
  readonly redisUrl: string | null;
  readonly live: LiveSettings;
}

const HOUR_MS = 3_600_000;
const HEADER_NAME = /^[a-z][a-z0-9-]{0,63}$/i;
const PROVIDER_NAME = /^[a-z][a-z0-9-]{0,31}$/;
/** Headers with a meaning of their own: whoever names one of these has made a mistake. */
const TAKEN_HEADERS: ReadonlySet<string> = new Set([
  ...[
    'authorization',
    'cookie',
    'host',
    'origin',
    'forwarded',
    'user-agent',
    'x-request-id',
    'x-internal-key',
  ],
  ...['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto', 'x-real-ip'],
]);

export function readIdentity(read: ConfigReader): IdentityConfig {
  const trustedProxies = readTrustedProxies(read);
  return {
    web: {
      publicUrl: readPublicUrl(read),
      trustedProxies,
      trustedHeader: readTrustedHeader(read, trustedProxies),
      corsOrigins: readCorsOrigins(read),
      hstsSeconds: read.flag('HSTS_ENABLED', false)
        ? read.integer('HSTS_MAX_AGE', 31_536_000, 0, 63_072_000)
        : null,
      servesDocs: read.flag('DOCS_ENABLED', true),
      loginLimit: {
        perMinute: read.integer('LOGIN_RATE_LIMIT_PER_MINUTE', 10, 1, 1_000_000),
        burst: read.integer('LOGIN_RATE_LIMIT_BURST', 5, 1, 1_000_000),
      },
    },
    sessions: {
      idleMs: read.integer('SESSION_IDLE_HOURS', 24, 1, 8_760) * HOUR_MS,
      lifetimeMs: read.integer('SESSION_LIFETIME_HOURS', 168, 1, 8_760) * HOUR_MS,
    },
    providers: readProviders(read),
    postLogoutUrl: read.url('POST_LOGOUT_REDIRECT_URL', 'an address like https://example.org/bye'),
    redisUrl: read.redisUrl('REDIS_URL'),
    live: { maxSocketsPerUser: read.integer('WS_MAX_CONNECTIONS_PER_USER', 20, 1, 100_000) },
  };
}

function readPublicUrl(read: ConfigReader): URL | null {
  const text = read.url('PUBLIC_URL', 'an address like https://backyard.example.org');
  const url = text === null ? null : new URL(text);
  if (url && url.href !== `${url.origin}/`) {
    read.mistakes.push('PUBLIC_URL must end after the host: Backyard is served at the root, under no path.');
  }
  return url;
}

function readTrustedProxies(read: ConfigReader): AddressList {
  const list = parseAddressList(read.list('TRUSTED_PROXIES'));
  if (list instanceof AddressList) return list;
  read.mistakes.push(
    `TRUSTED_PROXIES has entries that are neither addresses nor networks: ${list.odd.join(', ')}.`,
  );
  return new AddressList();
}

function readTrustedHeader(read: ConfigReader, proxies: AddressList): string | null {
  const name = read.text('PGWEB_TRUSTED_HEADER')?.toLowerCase() ?? null;
  if (name === null) return null;
  if (!HEADER_NAME.test(name) || TAKEN_HEADERS.has(name)) {
    read.mistakes.push('PGWEB_TRUSTED_HEADER must be the name of a header like X-Auth-Request-Email.');
  }
  if (proxies.isEmpty && read.list('TRUSTED_PROXIES').length === 0) {
    read.mistakes.push(
      'PGWEB_TRUSTED_HEADER needs TRUSTED_PROXIES: without it, anybody could send that header. ' +
        'List the addresses of the proxies that set it.',
    );
  }
  if (read.list('TRUSTED_PROXIES').some((entry) => /\/0+$/.test(entry))) {
    read.mistakes.push('PGWEB_TRUSTED_HEADER needs TRUSTED_PROXIES that do not name everybody, as …/0 does.');
  }
  return name;
}

function readCorsOrigins(read: ConfigReader): WebSettings['corsOrigins'] {
  const origins = read.list('CORS_ORIGINS');
  if (origins.length === 0 || origins.includes('*')) return '*';
  const odd = origins.filter((origin) => URL.parse(origin)?.origin !== origin);
  if (odd.length > 0) {
    read.mistakes.push(
      `CORS_ORIGINS has entries that are no origins like https://app.example.org: ${odd.join(', ')}.`,
    );
  }
  return origins;
}

/** `OIDC_…` for the first provider; `OIDC_PROVIDERS` names more, each with variables `OIDC_<NAME>_…`. */
function readProviders(read: ConfigReader): ProviderSettings[] {
  const first = readProvider(read, 'sso', 'OIDC');
  const names = read.list('OIDC_PROVIDERS');
  const odd = names.filter((name) => !PROVIDER_NAME.test(name));
  if (odd.length > 0 || new Set([...names, 'sso']).size !== names.length + 1) {
    read.mistakes.push(
      'OIDC_PROVIDERS must be different names of small letters, digits and hyphens, and none of them sso.',
    );
  }
  const more = names.map((name) => {
    const prefix = `OIDC_${name.toUpperCase().replaceAll('-', '_')}`;
    const provider = readProvider(read, name, prefix);
    if (!provider) read.mistakes.push(`OIDC_PROVIDERS names ${name}, but ${prefix}_ISSUER_URL is not set.`);
    return provider;
  });
  return [first, ...more].filter((provider) => provider !== undefined);
}

/** Whoever sets one of these means a provider. */
const MORE_SETTINGS = [
  'CLIENT_SECRET',
  'TITLE',
  'SCOPES',
  'GROUPS_CLAIM',
  'ADMIN_GROUPS',
  'ALLOWED_GROUPS',
  'TRUST_EMAIL',
];

function readProvider(read: ConfigReader, name: string, prefix: string): ProviderSettings | undefined {
  const issuer = read.issuer(`${prefix}_ISSUER_URL`);
  const clientId = read.text(`${prefix}_CLIENT_ID`);
  const redirectUrl = readRedirectUrl(read, `${prefix}_REDIRECT_URL`);
  const given = [issuer, clientId, redirectUrl].filter((value) => value !== null);
  const hasMore = MORE_SETTINGS.some((setting) => read.text(`${prefix}_${setting}`) !== null);
  if (given.length === 0 && !hasMore) return undefined;
  if (issuer === null || clientId === null || redirectUrl === null) {
    read.mistakes.push(
      `${prefix}_ISSUER_URL, ${prefix}_CLIENT_ID and ${prefix}_REDIRECT_URL belong together: set all or none ` +
        `(${prefix}_CLIENT_SECRET too, unless the client is public).`,
    );
    return undefined;
  }
  const adminGroups = read.list(`${prefix}_ADMIN_GROUPS`);
  const allowedGroups = read.list(`${prefix}_ALLOWED_GROUPS`);
  return {
    name,
    title: read.text(`${prefix}_TITLE`) ?? (name === 'sso' ? 'Single sign-on' : name),
    issuer,
    clientId,
    clientSecret: read.text(`${prefix}_CLIENT_SECRET`),
    redirectUrl,
    scopes: [...new Set(['openid', 'profile', 'email', ...read.list(`${prefix}_SCOPES`)])],
    groupsClaim: read.text(`${prefix}_GROUPS_CLAIM`) ?? 'groups',
    rules: {
      trustsEmail: read.flag(`${prefix}_TRUST_EMAIL`, false),
      adminGroups: adminGroups.length === 0 ? null : adminGroups,
      allowedGroups: allowedGroups.length === 0 ? null : allowedGroups,
    },
  };
}

/** Registered addresses of the known implementation go on working. */
function readRedirectUrl(read: ConfigReader, name: string): string | null {
  const wanted = 'an address that ends in /auth/callback';
  const text = read.url(name, wanted);
  if (text !== null && !/\/auth\/(oidc\/)?callback$/.test(text))
    read.mistakes.push(`${name} must be ${wanted}.`);
  return text;
}
