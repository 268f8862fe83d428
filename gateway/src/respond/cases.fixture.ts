import type {
  CallPlan,
  DeletePlan,
  InsertPlan,
  Plan,
  ReadOnlyPlan,
  ReadPlan,
  UpdatePlan,
} from '../plan/plan.ts';
import type { ApiRequest, Preferences } from '../request/api-request.ts';
import type { RunResult } from '../run/run-result.ts';
import type { Routine } from '../schema/schema-cache.ts';
import type { ResultRow } from '../sql/statement.ts';

export const settings = {
  dbMaxRows: null,
  dbTxEnd: 'commit-allow-override',
  serverCorsAllowedOrigins: null,
  serverTimingEnabled: false,
} as const;

export const cache = { timezones: new Set(['Europe/Berlin']) };

const preferences: Preferences = {
  resolution: null,
  representation: null,
  count: null,
  transaction: null,
  missing: null,
  handling: null,
  timezone: null,
  maxAffected: null,
  invalid: [],
};

export function requestOf(
  changes: Partial<Omit<ApiRequest, 'preferences'>> = {},
  preferred: Partial<Preferences> = {},
): ApiRequest {
  return {
    method: 'GET',
    path: '/items',
    target: { kind: 'table', name: 'items' },
    action: 'read',
    isHead: false,
    schema: 'public',
    isSchemaNegotiated: false,
    query: {
      select: [],
      filters: [],
      logic: [],
      order: [],
      ranges: [],
      columns: null,
      onConflict: null,
      args: [],
      canonical: '',
    },
    preferences: { ...preferences, ...preferred },
    accept: [{ type: '*/*', parameters: {} }],
    contentType: { type: 'application/json', parameters: {} },
    payload: null,
    range: { limit: null, offset: 0 },
    headers: {},
    cookies: {},
    ...changes,
  };
}

const read: ReadPlan = {
  alias: 'items',
  from: { kind: 'table', table: { schema: 'public', name: 'items' } },
  select: [],
  where: [],
  order: [],
  range: { limit: null, offset: 0 },
  embeds: [],
};
const table = { schema: 'public', name: 'items' };
const mutation = { table, where: [], returning: [], read };
const payload = { kind: 'json', text: '[]', isArray: true, keys: [] } as const;

export const readPlan: ReadOnlyPlan = { kind: 'read', read };
export const deletePlan: DeletePlan = { kind: 'delete', ...mutation };
export const updatePlan: UpdatePlan = {
  kind: 'update',
  ...mutation,
  columns: [],
  payload,
  usesDefaults: false,
};
export const insertPlan: InsertPlan = {
  kind: 'insert',
  ...mutation,
  columns: [],
  payload,
  onConflict: null,
  usesDefaults: false,
  primaryKey: ['id'],
};

export function callPlan(returns: Routine['returns']['kind'] = 'scalar'): CallPlan {
  return {
    kind: 'call',
    routine: {
      schema: 'public',
      name: 'add',
      description: null,
      parameters: [],
      returns: {
        isSet: false,
        kind: returns,
        type: { schema: 'pg_catalog', name: 'int4' },
        isRecord: false,
      },
      volatility: 'volatile',
      hasVariadic: false,
      settings: [],
      isolation: null,
    },
    arguments: { kind: 'texts', values: [] },
    returning: ['*'],
    read,
  };
}

export function planOf(
  base: CallPlan | DeletePlan | InsertPlan | ReadOnlyPlan | UpdatePlan,
  changes: Partial<Pick<Plan, 'body' | 'count' | 'maxAffected' | 'mediaType'>> = {},
): Plan {
  return {
    ...base,
    body: { kind: 'json', shape: 'array', stripsNulls: false },
    mediaType: { type: 'application/json', parameters: {} },
    count: null,
    maxAffected: null,
    access: 'read only',
    isolation: null,
    ...changes,
  };
}

export function resultOf(
  row: Partial<ResultRow> = {},
  changes: Partial<Omit<RunResult, 'row'>> = {},
): RunResult {
  return {
    row: {
      total: null,
      rows: 0,
      body: '[]',
      location: null,
      inserted: null,
      responseHeaders: null,
      responseStatus: null,
      ...row,
    },
    countPlanRows: null,
    explain: null,
    timings: {},
    ...changes,
  };
}
