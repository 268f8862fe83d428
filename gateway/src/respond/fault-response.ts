import pg from 'pg';
import type { TenantSettings } from '../config/settings.ts';
import { RestFault } from '../fault.ts';
import { cannotConnect } from '../run/connection-faults.ts';
import type { RestResponse } from '../tenants/exchange.ts';
import { corsEntries } from './cors.ts';
import { raisedAnswer } from './raised-answer.ts';
import { type HeaderEntry, headersOf, headerText, isStatus, mergeHeaders } from './response-headers.ts';
import { statusOfSqlState } from './sqlstate-status.ts';

/** What is known of the request when something goes wrong. */
export interface FaultContext {
  /** The anonymous role asked, or it never came to a role: who is refused may then sign in. */
  readonly isAnonymous: boolean;
  /** HEAD gets the head only. */
  readonly isHead: boolean;
  /** Of the request, lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly settings: Pick<TenantSettings, 'serverCorsAllowedOrigins'>;
}

/** Of a connection that broke, or that never was. */
const networkCodes = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** Turns whatever was thrown into an answer: an envelope, and the headers that go with it. */
export function presentFault(error: unknown, context: FaultContext): RestResponse {
  const fault = faultOf(error, context);
  const body = JSON.stringify({
    code: fault.code,
    details: fault.details,
    hint: fault.hint,
    message: fault.message,
  });
  const own: HeaderEntry[] = [
    ['content-type', 'application/json; charset=utf-8'],
    ['proxy-status', headerText(`PostgREST; error=${fault.code}`)],
    ['content-length', String(Buffer.byteLength(body))],
  ];
  if (fault.status === 503) {
    own.push(['retry-after', '1']);
  }
  const asked = Object.entries(fault.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const entries = mergeHeaders(mergeHeaders(own, asked), corsEntries(context.headers, context.settings));
  return { status: fault.status, headers: headersOf(entries), body: context.isHead ? null : body };
}

/** The fault that a client is told of; an error that nobody expected shows nothing of itself (500 PGRSTX00). */
export function faultOf(error: unknown, context: Pick<FaultContext, 'isAnonymous'>): RestFault {
  if (error instanceof RestFault) {
    return error;
  }
  if (error instanceof pg.DatabaseError) {
    return databaseFault(error, context);
  }
  if (error instanceof Error && 'code' in error && networkCodes.has(String(error.code))) {
    return cannotConnect(error);
  }
  return new RestFault(500, 'PGRSTX00', 'Something went wrong inside the server');
}

function databaseFault(error: pg.DatabaseError, context: Pick<FaultContext, 'isAnonymous'>): RestFault {
  const code = error.code ?? 'XX000';
  const details = error.detail ?? null;
  if (code === 'PGRST') {
    return raisedAnswer(error.message, details);
  }
  const status = code.startsWith('PT') ? raisedStatus(code) : statusOfSqlState(code, error.message, context);
  const headers = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  return new RestFault(status, code, error.message, { details, hint: error.hint ?? null, headers });
}

/** `PT402`: SQL chose the status; what is none is 500. */
function raisedStatus(code: string): number {
  const status = Number(code.slice(2));
  return isStatus(status) ? status : 500;
}
