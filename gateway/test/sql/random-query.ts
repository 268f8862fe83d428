/** Random reads of what a database really holds: nested embeds, spreads, aggregates, filters, orders, limits. */
import fc from 'fast-check';
import { isRelationToOne } from '../../src/plan/read-tree.ts';
import type {
  At,
  Filter,
  LogicTree,
  OrderTerm,
  Query,
  RowRange,
  SelectedRelation,
  SelectItem,
} from '../../src/request/api-request.ts';
import { keyOf, type Relationship, type SchemaCache, type Table } from '../../src/schema/schema-cache.ts';
import { field, filterOn, selected } from './random-fields.ts';

export type ReadQuery = Pick<Query, 'filters' | 'logic' | 'order' | 'ranges' | 'select'>;
export interface RandomRead {
  readonly table: Table;
  readonly query: ReadQuery;
  readonly range: RowRange;
}

interface Shape {
  readonly select: readonly SelectItem[];
  readonly parts: Omit<ReadQuery, 'select'>;
}

export function randomRead(cache: SchemaCache): fc.Arbitrary<RandomRead> {
  const tables = [...cache.tables.values()].filter(({ schema }) => schema === 'api');
  return fc.constantFrom(...tables).chain((table) =>
    fc.record({
      table: fc.constant(table),
      query: shapeOf(table, cache, 3).map(({ select, parts }) => ({ select, ...parts })),
      range: range(),
    }),
  );
}

function range(): fc.Arbitrary<RowRange> {
  return fc.record({ limit: fc.constantFrom(null, null, 0, 1, 5), offset: fc.constantFrom(0, 0, 1) });
}

/** A view that shows a key many times makes many rows of what its key promises to be one, so no count would fit. */
function listRelated(table: Table, cache: SchemaCache): readonly Relationship[] {
  return (cache.relationships.get(keyOf(table)) ?? []).filter((one) => {
    const isToOneView = one.kind === 'key' && one.isFarView && /to-one$/.test(one.cardinality.kind);
    return one.far.schema === 'api' && !isToOneView;
  });
}

function shapeOf(table: Table, cache: SchemaCache, depth: number): fc.Arbitrary<Shape> {
  const related = depth === 0 ? [] : listRelated(table, cache);
  const children =
    related.length === 0
      ? fc.constant([])
      : fc.array(
          fc.constantFrom(...related).chain((one) => child(one, cache, depth)),
          { maxLength: 2 },
        );
  return fc.tuple(fc.array(selected(table), { maxLength: 3 }), children).chain(([fields, embeds]) => {
    // Filters find an embed by its alias, so each has one of its own.
    const named = embeds.map((embed, at) => ({ ...embed, item: { ...embed.item, alias: `e${at}` } }));
    return own(table, named).map((mine) => ({
      select: [...fields, ...named.map(({ item }) => item)],
      parts: named.reduce((parts, { item, shape }) => below(parts, item.alias, shape.parts), mine),
    }));
  });
}

interface Child {
  readonly item: SelectedRelation;
  readonly far: Table | undefined;
  readonly isToOne: boolean;
  readonly shape: Shape;
}

function child(relationship: Relationship, cache: SchemaCache, depth: number): fc.Arbitrary<Child> {
  const far = cache.tables.get(keyOf(relationship.far));
  const isToOne = isRelationToOne(relationship);
  if (far === undefined)
    return fc.constant({ item: relationOf(relationship, 'relation', null, []), shape: EMPTY, far, isToOne });
  const kind = fc.constantFrom('relation' as const, 'relation' as const, 'spread' as const);
  return fc
    .tuple(shapeOf(far, cache, depth - 1), kind, fc.constantFrom(null, 'inner' as const, 'left' as const))
    .map(([shape, how, join]) => ({
      item: relationOf(relationship, how, join, shape.select),
      shape,
      far,
      isToOne,
    }));
}

const EMPTY: Shape = { select: [], parts: { filters: [], logic: [], order: [], ranges: [] } };

function relationOf(
  relationship: Relationship,
  kind: SelectedRelation['kind'],
  join: SelectedRelation['join'],
  children: readonly SelectItem[],
): SelectedRelation {
  const base = { kind, alias: null, join, children };
  if (relationship.kind === 'computed') return { ...base, name: relationship.function.name, hint: null };
  const { cardinality, far, isSelf } = relationship;
  const isTowardsOne =
    cardinality.kind === 'many-to-one' || (cardinality.kind === 'one-to-one' && !cardinality.isReferenced);
  if (cardinality.kind === 'many-to-many')
    return { ...base, name: far.name, hint: cardinality.junction.table.name };
  if (isSelf && isTowardsOne) return { ...base, name: cardinality.constraint, hint: null };
  return { ...base, name: far.name, hint: cardinality.constraint };
}

type Parts = Shape['parts'];

function own(table: Table, embeds: readonly Child[]): fc.Arbitrary<Parts> {
  const nulls = embeds.map(
    ({ item }): Filter => ({
      field: { name: item.alias ?? item.name, path: [] },
      isNegated: false,
      operation: { kind: 'is', value: 'null' },
    }),
  );
  const plain = filterOn(table);
  const filter = nulls.length === 0 ? plain : fc.oneof(plain, fc.constantFrom(...nulls));
  const orders = embeds.flatMap(({ item, far, isToOne }) =>
    far !== undefined && isToOne ? [orderBy(far, { name: item.alias ?? item.name, hint: null })] : [],
  );
  const order = fc.oneof(orderBy(table, null), ...orders);
  const leaf = filter.map((one): LogicTree => ({ kind: 'filter', filter: one }));
  const group = fc.record({
    kind: fc.constant('group' as const),
    operator: fc.constantFrom('and', 'or'),
    isNegated: fc.boolean(),
    children: fc.array(leaf, { minLength: 1, maxLength: 2 }),
  });
  const few = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { maxLength: 1 });
  return fc.tuple(few(filter), few(group), few(order), range()).map(([filters, logic, terms, rows]) => ({
    filters: filters.map(atRoot),
    logic: logic.map(atRoot),
    order: terms.length === 0 ? [] : [atRoot(terms)],
    ranges: [atRoot(rows)],
  }));
}

function orderBy(table: Table, relation: OrderTerm['relation']): fc.Arbitrary<OrderTerm> {
  return fc.record({
    field: field(table),
    relation: fc.constant(relation),
    direction: fc.constantFrom(null, 'asc', 'desc'),
    nulls: fc.constantFrom(null, 'first', 'last'),
  });
}

function atRoot<T>(one: T): At<T> {
  return { path: [], value: one };
}

function below(parts: Parts, key: string, inner: Parts): Parts {
  const moved = <T>(list: readonly At<T>[]) => list.map((one) => ({ ...one, path: [key, ...one.path] }));
  return {
    filters: [...parts.filters, ...moved(inner.filters)],
    logic: [...parts.logic, ...moved(inner.logic)],
    order: [...parts.order, ...moved(inner.order)],
    ranges: [...parts.ranges, ...moved(inner.ranges)],
  };
}
