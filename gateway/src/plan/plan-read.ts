import type { TenantSettings } from '../config/settings.ts';
import type { RowRange } from '../request/api-request.ts';
import {
  keyOf,
  type QualifiedName,
  type Routine,
  type SchemaCache,
  type Table,
} from '../schema/schema-cache.ts';
import type { ReadPlan } from './plan.ts';
import { planNode } from './plan-node.ts';
import { aggregatesDisabled, tableNotFound } from './read-faults.ts';
import { createReadContext, type ReadScope } from './read-scope.ts';
import { growReadTree, type ReadNode, type ReadQuery } from './read-tree.ts';

/** Where the rows of the root come from. */
export type ReadSource =
  | { readonly kind: 'table'; readonly table: QualifiedName }
  /** What a mutation returned: filters of the root and all limits are the mutation's business, or nobody's. */
  | { readonly kind: 'mutation'; readonly table: QualifiedName }
  | { readonly kind: 'call'; readonly routine: Routine };

/**
 * The table of that name.
 * @throws RestFault PGRST205 with the name that was probably meant.
 */
export function getTable(name: QualifiedName, cache: SchemaCache): Table {
  const table = cache.tables.get(keyOf(name));
  if (table === undefined) throw tableNotFound(name, cache);
  return table;
}

/**
 * What is shown of a table, or of what a mutation or a call returned.
 * @param range of the root; `query.ranges` of the root are not looked at. `db-max-rows` is applied here, to every level.
 * @throws RestFault PGRST205, PGRST108, PGRST200, PGRST201, PGRST118, PGRST120, PGRST123, PGRST127, 42703, 42704.
 */
export function planRead(
  query: ReadQuery,
  source: ReadSource,
  cache: SchemaCache,
  settings: TenantSettings,
  range: RowRange,
): ReadPlan {
  const isMutation = source.kind === 'mutation';
  const scope = rootScope(source, cache, settings);
  const own = isMutation ? withoutRoot(query) : query;
  const tree = { ...growReadTree(own, scope.relation, scope.context), range };
  if (!settings.dbAggregatesEnabled && listNodes(tree).some(hasAggregate)) throw aggregatesDisabled();
  const from: ReadPlan['from'] =
    source.kind === 'table' ? { kind: 'table', table: source.table } : { kind: 'source' };
  return planNode(tree, scope, from);
}

function rootScope(source: ReadSource, cache: SchemaCache, settings: TenantSettings): ReadScope {
  const named = source.kind === 'call' ? source.routine : source.table;
  const { relation, table } = rowsOfSource(source, cache);
  const alias = table?.name ?? named.name;
  const context = createReadContext(cache, settings, named.schema, source.kind !== 'mutation', alias);
  return { context, alias, relation, table, isSource: source.kind !== 'table' };
}

function rowsOfSource(source: ReadSource, cache: SchemaCache): Pick<ReadScope, 'relation' | 'table'> {
  if (source.kind !== 'call') return { relation: source.table, table: getTable(source.table, cache) };
  const { type, isRecord } = source.routine.returns;
  return { relation: type, table: isRecord ? null : (cache.tables.get(keyOf(type)) ?? null) };
}

function withoutRoot(query: ReadQuery): ReadQuery {
  const isBelow = ({ path }: { readonly path: readonly string[] }): boolean => path.length > 0;
  return { ...query, filters: query.filters.filter(isBelow), logic: query.logic.filter(isBelow) };
}

function listNodes(node: ReadNode): ReadNode[] {
  return [node, ...node.children.flatMap(listNodes)];
}

function hasAggregate({ fields }: ReadNode): boolean {
  return fields.some(({ aggregate }) => aggregate !== null);
}
