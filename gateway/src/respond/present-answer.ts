import type { TenantSettings } from '../config/settings.ts';
import type { RestResponse } from '../tenants/exchange.ts';
import { corsEntries, variesByOrigin } from './cors.ts';
import { type HeaderEntry, headersOf, mergeHeaders } from './response-headers.ts';

/** An answer before it gets what every answer has. */
export interface Draft {
  readonly status: number;
  readonly entries: readonly HeaderEntry[];
  /** `null`: none is sent, as after HEAD. */
  readonly body: Buffer | string | null;
}

/** Adds length, `Vary` and what CORS asks for. */
export function presentAnswer(
  { status, entries, body }: Draft,
  headers: Readonly<Record<string, string>>,
  settings: Pick<TenantSettings, 'serverCorsAllowedOrigins'>,
): RestResponse {
  const vary = variesByOrigin(settings) ? 'Accept, Prefer, Range, Origin' : 'Accept, Prefer, Range';
  const length: HeaderEntry[] =
    body === null || status === 204 || status === 304
      ? []
      : [['content-length', String(Buffer.byteLength(body))]];
  const complete = mergeHeaders([...length, ['vary', vary]], entries);
  return { status, headers: headersOf(mergeHeaders(complete, corsEntries(headers, settings))), body };
}
