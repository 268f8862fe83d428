import type { TenantSettings } from '../config/settings.ts';
import type { RestRequest, RestResponse } from '../tenants/exchange.ts';
import { type HeaderEntry, headersOf } from './response-headers.ts';

type CorsSettings = Pick<TenantSettings, 'serverCorsAllowedOrigins'>;

const methods = 'GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD';
const exposedHeaders =
  'Content-Encoding, Content-Location, Content-Range, Content-Type, Date, Location, Server, ' +
  'Transfer-Encoding, Range-Unit';
/** Every browser may send these without asking. */
const simpleHeaders = ['Accept', 'Accept-Language', 'Content-Language'];
const headerName = /^[\w!#$%&'*+.^`|~-]+$/;

/**
 * The answer to a preflight, before anything else is looked at; `undefined` for every other request, and for an
 * origin that may not ask. Rule: PostgREST, "CORS".
 */
export function presentPreflight(
  { method, headers }: Pick<RestRequest, 'headers' | 'method'>,
  settings: CorsSettings,
): RestResponse | undefined {
  const origin = originEntries(headers, settings);
  if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined || origin.length === 0) {
    return undefined;
  }
  const entries: HeaderEntry[] = [
    ...origin,
    ['access-control-allow-methods', methods],
    ['access-control-allow-headers', allowedHeaders(headers['access-control-request-headers'])],
    ['access-control-max-age', '86400'],
    ['content-length', '0'],
  ];
  return { status: 200, headers: headersOf(entries), body: null };
}

function allowedHeaders(requested: string | undefined): string {
  const names = (requested ?? '').split(',').map((name) => name.trim());
  const allowed = new Map<string, string>();
  for (const name of ['Authorization', ...names.filter((text) => headerName.test(text)), ...simpleHeaders]) {
    const key = name.toLowerCase();
    allowed.set(key, allowed.get(key) ?? name);
  }
  return [...allowed.values()].join(', ');
}

/** What a page of another origin may see of an answer; nothing when it may not, or when no page asks. */
export function corsEntries(
  headers: Readonly<Record<string, string>>,
  settings: CorsSettings,
): readonly HeaderEntry[] {
  const origin = originEntries(headers, settings);
  return origin.length === 0 ? [] : [...origin, ['access-control-expose-headers', exposedHeaders]];
}

/** Caches must tell origins apart where only some of them may read. */
export function variesByOrigin({ serverCorsAllowedOrigins }: CorsSettings): boolean {
  return serverCorsAllowedOrigins !== null && serverCorsAllowedOrigins.length > 0;
}

function originEntries(
  { origin }: Readonly<Record<string, string>>,
  settings: CorsSettings,
): readonly HeaderEntry[] {
  if (origin === undefined) {
    return [];
  }
  if (!variesByOrigin(settings)) {
    return [['access-control-allow-origin', '*']];
  }
  const isAllowed = settings.serverCorsAllowedOrigins?.includes(origin) === true;
  return isAllowed
    ? [
        ['access-control-allow-origin', origin],
        ['access-control-allow-credentials', 'true'],
      ]
    : [];
}
