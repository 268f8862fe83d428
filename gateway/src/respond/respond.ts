import type { TenantSettings } from '../config/settings.ts';
import { RestFault } from '../fault.ts';
import type { Plan } from '../plan/plan.ts';
import type { ApiRequest } from '../request/api-request.ts';
import type { RunResult } from '../run/run-result.ts';
import type { SchemaCache } from '../schema/schema-cache.ts';
import type { RestResponse } from '../tenants/exchange.ts';
import { checkResult } from './check-result.ts';
import { contentRange, rangeStatus, totalOf } from './content-range.ts';
import { contentTypeOf } from './content-type.ts';
import { preferenceApplied } from './preference-applied.ts';
import { type Draft, presentAnswer } from './present-answer.ts';
import {
  type HeaderEntry,
  headerText,
  mergeHeaders,
  parseResponseHeaders,
  parseResponseStatus,
} from './response-headers.ts';
import { serverTiming } from './server-timing.ts';

type RespondSettings = Pick<
  TenantSettings,
  'dbMaxRows' | 'dbTxEnd' | 'serverCorsAllowedOrigins' | 'serverTimingEnabled'
>;

/** Everything that a draft is made from. */
interface Case {
  readonly request: ApiRequest;
  readonly plan: Plan;
  readonly result: RunResult;
  readonly total: number | null;
  /** `Preference-Applied`, or nothing. */
  readonly applied: readonly HeaderEntry[];
  /** `Content-Type`, and `Content-Profile` when the profile was named. */
  readonly content: readonly HeaderEntry[];
}

/**
 * Turns what the database returned into an HTTP answer: status, headers, body, as PostgREST gives them.
 * Faults PGRST103 past the end of the rows, PGRST111 and PGRST112 when SQL set what is no header and no status,
 * and what `checkResult` faults.
 */
export function respond(
  request: ApiRequest,
  plan: Plan,
  result: RunResult,
  cache: Pick<SchemaCache, 'timezones'>,
  settings: RespondSettings,
): RestResponse {
  const applied = preferenceApplied(request, plan, cache, settings);
  const { draft, isFixed } = draftOf({
    request,
    plan,
    result,
    total: totalOf(plan, result, settings.dbMaxRows),
    applied: applied === null ? [] : [['preference-applied', applied]],
    content: contentEntries(request, contentTypeOf(plan)),
  });
  const timing = settings.serverTimingEnabled ? serverTiming(result.timings) : null;
  const entries: readonly HeaderEntry[] =
    timing === null ? draft.entries : [...draft.entries, ['server-timing', timing]];
  if (isFixed) {
    return presentAnswer({ ...draft, entries }, request.headers, settings);
  }
  const status = parseResponseStatus(result.row.responseStatus) ?? draft.status;
  const merged = mergeHeaders(entries, parseResponseHeaders(result.row.responseHeaders));
  return presentAnswer({ status, entries: merged, body: draft.body }, request.headers, settings);
}

/** `Content-Type`, and the schema when the client chose it. */
export function contentEntries(
  { isSchemaNegotiated, schema }: Pick<ApiRequest, 'isSchemaNegotiated' | 'schema'>,
  contentType: string,
): readonly HeaderEntry[] {
  const type: HeaderEntry = ['content-type', headerText(contentType)];
  return isSchemaNegotiated ? [type, ['content-profile', headerText(schema)]] : [type];
}

function draftOf(given: Case): { draft: Draft; isFixed: boolean } {
  const { request, plan, result, content } = given;
  if (result.explain !== null) {
    const body = request.isHead ? null : result.explain;
    return { draft: { status: 200, entries: content, body }, isFixed: true };
  }
  checkResult(plan, result.row);
  return { draft: draftOfRows(given), isFixed: false };
}

function draftOfRows(given: Case): Draft {
  switch (given.plan.kind) {
    case 'read':
      return readDraft(given);
    case 'call':
      return callDraft(given, given.plan.routine.returns.kind === 'void');
    case 'insert':
      return given.request.action === 'single-upsert' ? upsertDraft(given) : insertDraft(given);
    case 'update':
      return changeDraft(given, 0, given.result.row.rows - 1);
    case 'delete':
      return changeDraft(given, 1, 0);
  }
}

function readDraft(given: Case): Draft {
  const { request, result, applied, content } = given;
  const { status, range } = checkedRange(given);
  const { canonical } = request.query;
  const place = `${pathOf(request)}${canonical === '' ? '' : `?${canonical}`}`;
  return {
    status,
    entries: [['content-range', range], ['content-location', headerText(place)], ...content, ...applied],
    body: request.isHead ? null : (result.row.body ?? ''),
  };
}

function callDraft(given: Case, isVoid: boolean): Draft {
  const { request, result, applied, content, total } = given;
  if (isVoid) {
    const { first, last } = rowsOf(given);
    return {
      status: 204,
      entries: [['content-range', contentRange(first, last, total)], ...applied],
      body: null,
    };
  }
  const { status, range } = checkedRange(given);
  return {
    status,
    entries: [['content-range', range], ...applied, ...content],
    body: request.isHead ? null : (result.row.body ?? ''),
  };
}

function insertDraft(given: Case): Draft {
  const { request, result, applied } = given;
  const { row } = result;
  const isMerged = request.preferences.resolution === 'merge-duplicates' && (row.inserted ?? 1) <= 0;
  const full = fullBody(given);
  return {
    status: isMerged ? 200 : 201,
    entries: [
      ...locationEntries(given),
      ['content-range', contentRange(1, 0, countedRows(given))],
      ...applied,
      ...(full === null ? [] : given.content),
    ],
    body: full ?? '',
  };
}

/** Where the one created row is, by its key; SQL has percent-encoded it. */
function locationEntries({ request, result }: Case): readonly HeaderEntry[] {
  const { location } = result.row;
  return location === null ? [] : [['location', `${headerText(pathOf(request))}?${location}`]];
}

/** PUT: no range, as it is one row or a fault. */
function upsertDraft(given: Case): Draft {
  const full = fullBody(given);
  if (full === null) {
    return { status: 204, entries: given.applied, body: null };
  }
  const status = (given.result.row.inserted ?? 0) > 0 ? 201 : 200;
  return { status, entries: [...given.content, ...given.applied], body: full };
}

function changeDraft(given: Case, first: number, last: number): Draft {
  const full = fullBody(given);
  const range: HeaderEntry = ['content-range', contentRange(first, last, countedRows(given))];
  return full === null
    ? { status: 204, entries: [range, ...given.applied], body: null }
    : { status: 200, entries: [range, ...given.applied, ...given.content], body: full };
}

/** `null`: the client did not ask for the changed rows. */
function fullBody({ request, result }: Case): Buffer | string | null {
  return request.preferences.representation === 'full' ? (result.row.body ?? '') : null;
}

/** Of a change, only who asks for a true count gets one. */
function countedRows({ request, result }: Case): number | null {
  const { count } = request.preferences;
  return count === 'exact' || count === 'estimated' ? result.row.rows : null;
}

function rowsOf({ request, result }: Case): { first: number; last: number } {
  const first = request.range.offset;
  return { first, last: first + result.row.rows - 1 };
}

function checkedRange(given: Case): { status: number; range: string } {
  const { total, applied } = given;
  const { first, last } = rowsOf(given);
  const status = rangeStatus(first, last, total);
  const range = contentRange(first, last, total);
  if (status === 416) {
    throw new RestFault(416, 'PGRST103', 'Requested range not satisfiable', {
      details: `An offset of ${first} was requested, but there are only ${total} rows.`,
      headers: Object.fromEntries([['content-range', range], ...applied]),
    });
  }
  return { status, range };
}

function pathOf({ target }: ApiRequest): string {
  return target.kind === 'root' ? '/' : `/${target.name}`;
}
