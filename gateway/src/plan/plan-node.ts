import type { RowRange } from '../request/api-request.ts';
import { type ColumnPairs, keyOf, type Relationship } from '../schema/schema-cache.ts';
import { liftSpread } from './lift-spread.ts';
import type { EmbedPlan, JoinCondition, ReadPlan } from './plan.ts';
import { type EmbedScope, planFilter, planLogic, planOrder } from './plan-condition.ts';
import { planSelect } from './plan-select.ts';
import { aggregateInToManySpread } from './read-faults.ts';
import type { ReadScope } from './read-scope.ts';
import { type ChildNode, doesAggregate, isHidden, type ReadNode } from './read-tree.ts';

/** One resource with all that is embedded in it. */
export function planNode(
  node: ReadNode,
  scope: ReadScope,
  from: ReadPlan['from'],
  isSpread = false,
): ReadPlan {
  const embeds = node.children.map((child): EmbedScope => ({ node: child, scope: childScope(child, scope) }));
  return {
    alias: scope.alias,
    from,
    select: planSelect(node.fields, scope, isSpread || doesAggregate(node)),
    where: [
      ...node.filters.map((filter) => planFilter(filter, scope, embeds)),
      ...node.logic.map((tree) => planLogic(tree, scope, embeds)),
    ],
    order: node.order.map((term) => planOrder(term, scope, embeds)),
    range: scope.context.isLimited ? restrict(node.range, scope.context.settings.dbMaxRows) : ALL_ROWS,
    embeds: embeds.map((embed) => planEmbed(embed, scope)),
  };
}

const ALL_ROWS: RowRange = { limit: null, offset: 0 };

function restrict({ limit, offset }: RowRange, maxRows: number | null): RowRange {
  if (maxRows === null) return { limit, offset };
  return { limit: Math.min(limit ?? maxRows, maxRows), offset };
}

function childScope({ relationship }: ChildNode, near: ReadScope): ReadScope {
  const { far } = relationship;
  const { context } = near;
  const depth = (near.depth ?? 0) + 1;
  return {
    context,
    alias: context.takeAlias(far.name, depth),
    depth,
    relation: far,
    table: context.cache.tables.get(keyOf(far)) ?? null,
    isSource: false,
  };
}

function planEmbed({ node, scope }: EmbedScope, near: ReadScope): EmbedPlan {
  const { kind, key, join, isToOne, relationship } = node;
  const { junction, conditions } = planJoin(relationship, near, scope);
  const read = planNode(node, scope, fromOf(relationship, near), kind === 'spread');
  const lifted = kind === 'spread' ? liftSpread(read) : { read, lifts: [] };
  if (!isToOne && lifted.lifts.some(({ aggregate }) => aggregate !== null)) throw aggregateInToManySpread();
  return {
    name: key,
    kind,
    join,
    isToOne,
    conditions,
    junction,
    isHidden: isHidden(node),
    lifts: lifted.lifts,
    read: isToOne ? withOwnLimit(lifted.read, node.range) : lifted.read,
  };
}

/** `db-max-rows` would do nothing to the only row there is, but keep Postgres from a plain join. */
function withOwnLimit(read: ReadPlan, { limit }: RowRange): ReadPlan {
  return limit === null ? { ...read, range: { ...read.range, limit } } : read;
}

function fromOf(relationship: Relationship, near: ReadScope): ReadPlan['from'] {
  if (relationship.kind === 'key') return { kind: 'table', table: relationship.far };
  const columns = near.isSource && near.table !== null ? [...near.table.columns.keys()] : null;
  return { kind: 'computed', relationship, nearAlias: near.alias, nearColumns: columns };
}

function planJoin(
  relationship: Relationship,
  near: ReadScope,
  far: ReadScope,
): Pick<EmbedPlan, 'conditions' | 'junction'> {
  if (relationship.kind === 'computed') return { conditions: [], junction: null };
  const { cardinality } = relationship;
  if (cardinality.kind !== 'many-to-many') {
    return { conditions: pairUp(cardinality.columns, near.alias, far.alias), junction: null };
  }
  const { table, nearColumns, farColumns } = cardinality.junction;
  const alias = near.context.takeAlias(table.name, far.depth ?? 0);
  const conditions = [...pairUp(nearColumns, near.alias, alias), ...pairUp(farColumns, far.alias, alias)];
  return { conditions, junction: { table, alias } };
}

function pairUp(columns: ColumnPairs, nearAlias: string, farAlias: string): JoinCondition[] {
  return columns.map(([nearColumn, farColumn]) => ({ nearAlias, nearColumn, farAlias, farColumn }));
}
