import type { Filter, LogicTree, OrderTerm } from '../request/api-request.ts';
import type { PlannedCondition, PlannedField, PlannedOperation, PlannedOrder } from './plan.ts';
import { findComputedField, planField } from './plan-field.ts';
import { badEmbedFilter, notEmbedded, orderByAggregated, relatedOrderNotToOne } from './read-faults.ts';
import type { ReadScope } from './read-scope.ts';
import { type ChildNode, doesAggregate } from './read-tree.ts';

/** An embedded resource as conditions and orders of its parent can name it. */
export interface EmbedScope {
  readonly node: ChildNode;
  readonly scope: ReadScope;
}

/**
 * One filter on a field, or on whether an embedded resource has rows.
 * @throws RestFault PGRST120 for another filter than that on an embedded resource; 42703.
 */
export function planFilter(
  filter: Filter,
  scope: ReadScope,
  embeds: readonly EmbedScope[] = [],
): PlannedCondition {
  const { field, isNegated, operation } = filter;
  const embed = field.path.length > 0 ? undefined : findEmbed(embeds, field.name);
  if (embed !== undefined) return planEmbedNull(filter, embed);
  const planned = planField(field, scope, 'compare');
  return { kind: 'filter', field: planned, isNegated, operation: planOperation(operation, planned, scope) };
}

export function planLogic(
  tree: LogicTree,
  scope: ReadScope,
  embeds: readonly EmbedScope[] = [],
): PlannedCondition {
  if (tree.kind === 'filter') return planFilter(tree.filter, scope, embeds);
  return { ...tree, children: tree.children.map((child) => planLogic(child, scope, embeds)) };
}

function planEmbedNull({ isNegated, operation }: Filter, { node, scope }: EmbedScope): PlannedCondition {
  const isNull = operation.kind === 'is' && (operation.value === 'null' || operation.value === 'not_null');
  if (!isNull) throw badEmbedFilter(node.name);
  return {
    kind: 'embed-null',
    embedAlias: scope.alias,
    isNegated: isNegated !== (operation.value === 'not_null'),
  };
}

function planOperation(
  operation: Filter['operation'],
  field: PlannedField,
  scope: ReadScope,
): PlannedOperation {
  if (operation.kind !== 'text-search') return operation;
  return { ...operation, needsToVector: searchedType(field, scope) !== 'tsvector' };
}

/** A type that nobody knows counts as `tsvector`: `to_tsvector` of one would fail. */
function searchedType({ name, path, type }: PlannedField, scope: ReadScope): string {
  const last = path.at(-1);
  if (last !== undefined) return last.arrow === '->>' ? 'text' : 'jsonb';
  if (type !== '') return type;
  return findComputedField(scope, name)?.type ?? 'tsvector';
}

/** @throws RestFault PGRST108 for a relation that is not embedded, PGRST118 for one that is not to-one, PGRST127 for groups. */
export function planOrder(
  term: OrderTerm,
  scope: ReadScope,
  embeds: readonly EmbedScope[] = [],
): PlannedOrder {
  const { direction, nulls, relation } = term;
  if (relation === null) {
    return { field: planField(term.field, scope, 'plain'), embedAlias: null, direction, nulls };
  }
  const embed = findEmbed(embeds, relation.name);
  if (embed === undefined) throw notEmbedded(relation.name);
  if (!embed.node.isToOne) throw relatedOrderNotToOne(scope.relation.name, relation.name);
  if (embed.node.kind === 'relation' && doesAggregate(embed.node)) throw orderByAggregated();
  const field = planField(term.field, embed.scope, 'plain');
  return { field, embedAlias: embed.scope.alias, direction, nulls };
}

function findEmbed(embeds: readonly EmbedScope[], key: string): EmbedScope | undefined {
  return embeds.find(({ node }) => node.key === key);
}
