import type { TenantSettings } from '../config/settings.ts';
import type { RestRequest } from '../tenants/exchange.ts';
import type { Action, ApiRequest, Query } from './api-request.ts';
import { parseCookies } from './parse-cookies.ts';
import { parseAccept, parseContentType } from './parse-media-types.ts';
import { parsePreferences } from './parse-preferences.ts';
import { parseProfile } from './parse-profile.ts';
import { rootRange } from './parse-ranges.ts';
import { parseAction, parseTarget } from './parse-target.ts';
import { parsePayload } from './payload/parse-payload.ts';
import { parseQuery } from './query/parse-query.ts';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

function splitUrl(url: string): { path: string; query: string } {
  const mark = url.indexOf('?');
  return mark < 0 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark + 1) };
}

/** `columns` counts where a payload of several keys is taken. */
function withColumns(query: Query, action: Action, isSafe: boolean): Query {
  const counts = action === 'insert' || action === 'update' || (action === 'call' && !isSafe);
  return counts || query.columns === null ? query : { ...query, columns: null };
}

/**
 * Reads a request as PostgREST would, without knowing the database. Throws `RestFault`: 400 PGRST100, PGRST102,
 * PGRST114 or PGRST122, 404 PGRST125 or PGRST126, 405 PGRST101 or PGRST117, 406 PGRST106, 416 PGRST103.
 */
export function parseRequest(raw: RestRequest, settings: TenantSettings): ApiRequest {
  const { method, body } = raw;
  const { cookie, ...headers } = raw.headers;
  const { path, query: queryText } = splitUrl(raw.url);
  const target = parseTarget(path, settings);
  const { schema, isNegotiated } = parseProfile(method, headers, settings);
  const action = parseAction(method, target);
  const isSafe = SAFE_METHODS.has(method);
  const parsed = parseQuery(queryText, action === 'call' && isSafe);
  const query = withColumns(parsed.query, action, isSafe);
  const range = rootRange(method, parsed.rootRange, headers.range);
  const contentTypeHeader = headers['content-type'];
  const contentType = parseContentType(contentTypeHeader);
  const { columns } = query;
  const payload = parsePayload({ action, method, body, contentType, contentTypeHeader, columns });
  return {
    method,
    path,
    target,
    action,
    isHead: method === 'HEAD',
    schema,
    isSchemaNegotiated: isNegotiated,
    query,
    preferences: parsePreferences(headers.prefer, settings),
    accept: parseAccept(headers.accept),
    contentType,
    payload,
    range,
    headers,
    cookies: parseCookies(cookie),
  };
}
