import type { TenantSettings } from '../config/settings.ts';
import { RestFault } from '../fault.ts';
import type { ApiRequest, Filter } from '../request/api-request.ts';
import type { SchemaCache, Table } from '../schema/schema-cache.ts';
import type { InsertPlan, MutationPlan, PlannedCondition } from './plan.ts';
import { planFilter, planLogic } from './plan-condition.ts';
import { planColumns, rowsOf } from './plan-mutation-columns.ts';
import { splitSource } from './plan-mutation-returning.ts';
import { getTable, planRead } from './plan-read.ts';
import { createReadContext } from './read-scope.ts';

/** What every mutation has: the table, and what is shown of the changed rows. */
type Base = Pick<MutationPlan, 'read' | 'returning' | 'table'>;

/**
 * What a request changes, and what it shows of that.
 * @throws RestFault `PGRST102`, `PGRST105`, `PGRST115`, `PGRST204`, and those of `planRead`.
 */
export function planMutation(
  request: ApiRequest,
  cache: SchemaCache,
  settings: TenantSettings,
): MutationPlan {
  const name = { schema: request.schema, name: request.target.kind === 'table' ? request.target.name : '' };
  const table = getTable(name, cache);
  const source = { kind: 'mutation', table: name } as const;
  const range = { limit: null, offset: 0 };
  const { read, returning } = splitSource(planRead(request.query, source, cache, settings, range), table);
  const base: Base = { table: name, read, returning: neededOf(request, table, returning) };
  switch (request.action) {
    case 'delete':
      return { ...base, kind: 'delete', where: planWhere(request, table, cache, settings) };
    case 'update':
      return {
        ...base,
        ...planRows(request, table, cache),
        kind: 'update',
        where: planWhere(request, table, cache, settings),
      };
    case 'single-upsert':
      return planPut(request, table, base, cache, settings);
    default:
      return planInsert(request, table, base, cache);
  }
}

/** Only a full representation shows anything; `headers-only` needs what `Location` is made of. */
function neededOf({ preferences, action }: ApiRequest, table: Table, shown: string[]): readonly string[] {
  if (preferences.representation === 'full') return shown;
  return preferences.representation === 'headers-only' && action === 'insert' ? keyOfTable(table) : [];
}

/** In the order of the table, as `Location` names them. */
function keyOfTable({ columns, primaryKey }: Table): readonly string[] {
  return [...columns.keys()].filter((name) => primaryKey.includes(name));
}

function planRows(request: ApiRequest, table: Table, cache: SchemaCache) {
  const payload = rowsOf(request);
  return {
    payload,
    columns: planColumns(request, payload, table, cache),
    usesDefaults: request.preferences.missing === 'default',
  };
}

function planInsert(request: ApiRequest, table: Table, base: Base, cache: SchemaCache): InsertPlan {
  const { preferences, query } = request;
  const rows = planRows(request, table, cache);
  const columns = query.onConflict ?? table.primaryKey;
  const resolution = preferences.resolution === 'merge-duplicates' ? 'merge' : 'ignore';
  const isUpsert = preferences.resolution !== null && columns.length > 0;
  if (isUpsert) for (const column of columns) requireColumn(column, table);
  return {
    ...base,
    ...rows,
    kind: 'insert',
    where: [],
    onConflict: isUpsert ? { columns, resolution } : null,
    primaryKey: preferences.representation === 'headers-only' ? keyOfTable(table) : [],
  };
}

/** As Postgres answers for a column that is in no such table. */
function requireColumn(name: string, table: Table): void {
  if (!table.columns.has(name)) throw new RestFault(400, '42703', `column "${name}" does not exist`);
}

/** The row is where the URL says: its key, all of it, and nothing else. */
function planPut(
  request: ApiRequest,
  table: Table,
  base: Base,
  cache: SchemaCache,
  settings: TenantSettings,
): InsertPlan {
  const { query } = request;
  const filters = query.filters.filter(isOfRoot).map(({ value }) => value);
  if (query.logic.some(isOfRoot) || !isKey(filters, table)) {
    const message = "Filters must include all and only primary key columns with 'eq' operators";
    throw new RestFault(405, 'PGRST105', message);
  }
  const rows = planRows(request, table, cache);
  const given = new Set(rows.columns.map(({ name }) => name));
  if (!table.primaryKey.every((name) => given.has(name))) throw keyMismatch();
  return {
    ...base,
    ...rows,
    kind: 'insert',
    usesDefaults: false,
    where: planWhere(request, table, cache, settings),
    onConflict: { columns: table.primaryKey, resolution: 'merge' },
    primaryKey: [],
  };
}

function keyMismatch(): RestFault {
  return new RestFault(400, 'PGRST115', 'Payload values do not match URL in primary key column(s)');
}

function isKey(filters: readonly Filter[], { primaryKey }: Table): boolean {
  const named = new Set(filters.map(({ field }) => field.name));
  return (
    primaryKey.length > 0 &&
    named.size === primaryKey.length &&
    primaryKey.every((name) => named.has(name)) &&
    filters.every(isPlainEquality)
  );
}

function isPlainEquality({ field, isNegated, operation }: Filter): boolean {
  const isEquality =
    operation.kind === 'simple' && operation.operator === 'eq' && operation.quantifier === null;
  return isEquality && !isNegated && field.path.length === 0;
}

/** Which rows are changed; embedded resources cannot choose them. */
function planWhere(
  { query, schema }: ApiRequest,
  table: Table,
  cache: SchemaCache,
  settings: TenantSettings,
): readonly PlannedCondition[] {
  const context = createReadContext(cache, settings, schema, false);
  const scope = { context, alias: table.name, relation: table, table, isSource: false };
  return [
    ...query.filters.filter(isOfRoot).map(({ value }) => planFilter(value, scope)),
    ...query.logic.filter(isOfRoot).map(({ value }) => planLogic(value, scope)),
  ];
}

function isOfRoot({ path }: { readonly path: readonly string[] }): boolean {
  return path.length === 0;
}
