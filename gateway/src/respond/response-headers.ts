import { RestFault } from '../fault.ts';
import type { RestResponse } from '../tenants/exchange.ts';

/** Lower-case name and value, in order; a name may come again. */
export type HeaderEntry = readonly [name: string, value: string];

/** They belong to the connection, that other tenants may use after this answer. */
const connectionHeaders = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const namePattern = /^[\w!#$%&'*+.^`|~-]+$/;
const controlCharacter = /\p{Cc}/u;

/**
 * A text of the schema as a header value: UTF-8, each byte as one character, which is how Node writes headers and
 * what PostgREST sends. Control characters would end the header; they are percent-encoded.
 */
export function headerText(text: string): string {
  return bytesOf(text.replaceAll(/\p{Cc}/gu, encodeURIComponent));
}

function bytesOf(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** `undefined` when it is no header at all; `null` when it is not the tenant's to set. */
export function customHeader(name: string, value: string): HeaderEntry | null | undefined {
  if (!namePattern.test(name) || controlCharacter.test(value.replaceAll('\t', ' '))) {
    return undefined;
  }
  const lower = name.toLowerCase();
  return connectionHeaders.has(lower) ? null : [lower, bytesOf(value)];
}

/**
 * Reads what SQL wrote into `response.headers`: `[{"Name": "value"}, …]`.
 * Faults 500 PGRST111 when it is anything else.
 */
export function parseResponseHeaders(text: string | null): readonly HeaderEntry[] {
  if (text === null || text === '') {
    return [];
  }
  const list = parseJson(text);
  if (!Array.isArray(list)) {
    throw headersFault();
  }
  return list.flatMap((item: unknown) => {
    const entries: readonly (readonly [string, unknown])[] =
      typeof item === 'object' && item !== null && !Array.isArray(item) ? Object.entries(item) : [];
    const [first] = entries;
    if (first === undefined || entries.length !== 1 || typeof first[1] !== 'string') {
      throw headersFault();
    }
    const header = customHeader(first[0], first[1]);
    if (header === undefined) {
      throw headersFault();
    }
    return header === null ? [] : [header];
  });
}

/** Faults 500 PGRST112 when `response.status` is no status. */
export function parseResponseStatus(text: string | null): number | null {
  if (text === null || text === '') {
    return null;
  }
  const status = Number.parseInt(text, 10);
  if (!/^\d/.test(text) || !isStatus(status)) {
    throw new RestFault(500, 'PGRST112', 'response.status guc must be a valid status code');
  }
  return status;
}

/** A final status: 1xx would leave the client waiting for another one. */
export function isStatus(status: unknown): status is number {
  return typeof status === 'number' && Number.isInteger(status) && status >= 200 && status <= 999;
}

/** `preferred` stand in the place of all `entries` of the same name. */
export function mergeHeaders(
  entries: readonly HeaderEntry[],
  preferred: readonly HeaderEntry[],
): readonly HeaderEntry[] {
  const taken = new Set(preferred.map(([name]) => name));
  return [...entries.filter(([name]) => !taken.has(name)), ...preferred];
}

/** Names that come again get a list. */
export function headersOf(entries: readonly HeaderEntry[]): RestResponse['headers'] {
  const headers = new Map<string, string | string[]>();
  for (const [name, value] of entries) {
    const known = headers.get(name);
    headers.set(name, known === undefined ? value : [known, value].flat());
  }
  return Object.fromEntries(headers);
}

function headersFault(): RestFault {
  return new RestFault(
    500,
    'PGRST111',
    'response.headers guc must be a JSON array composed of objects with a single key and a string value',
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
