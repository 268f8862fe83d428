import { RestFault } from '../fault.ts';
import { customHeader, type HeaderEntry, isStatus } from './response-headers.ts';

const messageHint =
  "MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and optional keys: 'details', 'hint'.";
const detailHint =
  "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional key: 'status_text'.";

/**
 * `RAISE SQLSTATE 'PGRST'`: SQL writes the whole answer, its envelope as JSON in MESSAGE and its status and headers
 * in DETAIL. What cannot be read is 500 PGRST121. Rule: PostgREST, "Add HTTP Headers with RAISE".
 */
export function raisedAnswer(message: string, detail: string | null): RestFault {
  const envelope = parseEnvelope(message);
  if (envelope === undefined) {
    return malformed(`Invalid JSON value for MESSAGE: '${message}'`, messageHint);
  }
  if (detail === null) {
    return malformed('DETAIL is missing in the RAISE statement', detailHint);
  }
  const answer = parseAnswer(detail);
  if (answer === undefined) {
    return malformed(`Invalid JSON value for DETAIL: '${detail}'`, detailHint);
  }
  const { code, message: text, details, hint } = envelope;
  return new RestFault(answer.status, code, text, { details, hint, headers: answer.headers });
}

interface Envelope {
  readonly code: string;
  readonly message: string;
  readonly details: string | null;
  readonly hint: string | null;
}

function parseEnvelope(text: string): Envelope | undefined {
  const { code, message, details = null, hint = null } = parseObject(text) ?? {};
  return typeof code === 'string' && typeof message === 'string' && isText(details) && isText(hint)
    ? { code, message, details, hint }
    : undefined;
}

function parseAnswer(text: string): { status: number; headers: Record<string, string> } | undefined {
  const { status, headers, status_text: statusText = null } = parseObject(text) ?? {};
  if (!isStatus(status) || !isText(statusText) || !isObject(headers)) {
    return undefined;
  }
  const entries = Object.entries(headers).map(([name, value]) =>
    typeof value === 'string' ? customHeader(name, value) : undefined,
  );
  if (entries.includes(undefined)) {
    return undefined;
  }
  const own = entries.filter((entry): entry is HeaderEntry => Array.isArray(entry));
  return { status, headers: Object.fromEntries(own) };
}

function malformed(details: string, hint: string): RestFault {
  return new RestFault(500, 'PGRST121', `Could not parse JSON in the "RAISE SQLSTATE 'PGRST'" error`, {
    details,
    hint,
  });
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}
