import type { Cardinality, ColumnPairs, KeyRelationship, Relationship } from './schema-cache.ts';

const KIND_RANK = { 'one-to-many': 0, 'many-to-one': 1, 'one-to-one': 2, 'many-to-many': 3 } as const;

/** By the far relation, then as PostgREST lists the candidates of an ambiguous embedding: by kind, then by name. */
export function compareRelationships(a: Relationship, b: Relationship): number {
  return compareLists(rank(a), rank(b));
}

function rank(relationship: Relationship): string[] {
  const { far } = relationship;
  if (relationship.kind === 'computed')
    return ['1', far.schema, far.name, relationship.function.schema, relationship.function.name];
  return ['0', far.schema, far.name, ...keyRank(relationship)];
}

function keyRank({ cardinality }: KeyRelationship): string[] {
  return [String(KIND_RANK[cardinality.kind]), ...detailRank(cardinality)];
}

function detailRank(cardinality: Cardinality): string[] {
  if (cardinality.kind !== 'many-to-many')
    return [cardinality.constraint, ...columnRank(cardinality.columns)];
  const { table, nearConstraint, farConstraint, nearColumns, farColumns } = cardinality.junction;
  const columns = [...columnRank(nearColumns), ...columnRank(farColumns)];
  return [table.schema, table.name, nearConstraint, farConstraint, ...columns];
}

function columnRank(columns: ColumnPairs): string[] {
  return columns.flat();
}

/** By code units, whatever the locale. */
function compareLists(a: readonly string[], b: readonly string[]): number {
  const place = a.findIndex((text, i) => text !== b[i]);
  if (place === -1) return a.length - b.length;
  return (a[place] ?? '') < (b[place] ?? '') ? -1 : 1;
}
