import type {
  At,
  EmbedPath,
  Filter,
  JoinType,
  LogicTree,
  OrderTerm,
  Query,
  RowRange,
  SelectedField,
  SelectItem,
} from '../request/api-request.ts';
import type { QualifiedName, Relationship } from '../schema/schema-cache.ts';
import { findRelationship } from './find-relationship.ts';
import { notEmbedded } from './read-faults.ts';
import type { ReadContext } from './read-scope.ts';

export type ReadQuery = Pick<Query, 'filters' | 'logic' | 'order' | 'ranges' | 'select'>;

/** One resource of a request with all that is said about it. */
export interface ReadNode {
  readonly fields: readonly SelectedField[];
  readonly children: readonly ChildNode[];
  readonly filters: readonly Filter[];
  readonly logic: readonly LogicTree[];
  readonly order: readonly OrderTerm[];
  readonly range: RowRange;
}

export interface ChildNode extends ReadNode {
  readonly kind: 'relation' | 'spread';
  /** What filters and orders call it. */
  readonly key: string;
  readonly name: string;
  readonly join: JoinType;
  readonly relationship: Relationship;
  readonly isToOne: boolean;
}

const ALL_ROWS: RowRange = { limit: null, offset: 0 };

/**
 * Attaches filters, orders and ranges to the resources that they name, then finds what relates the resources.
 * @throws RestFault PGRST108 for a path that the select does not have; PGRST200, PGRST201.
 */
export function growReadTree(query: ReadQuery, root: QualifiedName, context: ReadContext): ReadNode {
  const parts = [query.filters, query.order, query.ranges, query.logic];
  for (const part of parts) for (const { path } of part) checkPath(query.select, path);
  return growNode(query, query.select, [], root, context);
}

function checkPath(select: readonly SelectItem[], path: EmbedPath): void {
  const [first, ...rest] = path;
  if (first === undefined) return;
  const item = select.find((one) => one.kind !== 'field' && keyOfItem(one) === first);
  if (item === undefined || item.kind === 'field') throw notEmbedded(first);
  checkPath(item.children, rest);
}

function keyOfItem({ alias, name }: { readonly alias: string | null; readonly name: string }): string {
  return alias ?? name;
}

function growNode(
  query: ReadQuery,
  select: readonly SelectItem[],
  path: EmbedPath,
  near: QualifiedName,
  context: ReadContext,
): ReadNode {
  const keys = new Set<string>();
  const children = select
    .filter((item) => item.kind !== 'field')
    .map((item): ChildNode => {
      const key = keyOfItem(item);
      // Of two that are called the same, only the first is meant by paths.
      const childPath = keys.has(key) ? null : [...path, key];
      keys.add(key);
      const { name, hint } = item;
      const relationship = findRelationship(
        { near, target: name, hint, schema: context.schema },
        context.cache,
      );
      const own = childPath === null ? withoutParts(query) : query;
      const node = growNode(own, item.children, childPath ?? [], relationship.far, context);
      const isToOne = isRelationToOne(relationship);
      return { ...node, kind: item.kind, key, name, join: item.join ?? 'left', relationship, isToOne };
    });
  return {
    fields: select.filter((item) => item.kind === 'field'),
    children,
    filters: at(query.filters, path),
    logic: at(query.logic, path),
    order: at(query.order, path).flat(),
    range: at(query.ranges, path)[0] ?? ALL_ROWS,
  };
}

function withoutParts(query: ReadQuery): ReadQuery {
  return { select: query.select, filters: [], logic: [], order: [], ranges: [] };
}

function at<T>(parts: readonly At<T>[], path: EmbedPath): T[] {
  const isHere = (other: EmbedPath): boolean =>
    other.length === path.length && other.every((step, index) => step === path[index]);
  return parts.filter((part) => isHere(part.path)).map(({ value }) => value);
}

export function isRelationToOne(relationship: Relationship): boolean {
  if (relationship.kind === 'computed') return relationship.isToOne;
  const { kind } = relationship.cardinality;
  return kind === 'many-to-one' || kind === 'one-to-one';
}

/** Its rows are groups: by an aggregate of its own, or by one of a to-one spread, which counts as its own. */
export function doesAggregate(node: ReadNode): boolean {
  return (
    node.fields.some(({ aggregate }) => aggregate !== null) ||
    node.children.some((child) => child.kind === 'spread' && child.isToOne && doesAggregate(child))
  );
}

/** Nothing of it is shown; it is there for filters and orders. */
export function isHidden(node: ReadNode): boolean {
  return node.fields.length === 0 && node.children.every(isHidden);
}
