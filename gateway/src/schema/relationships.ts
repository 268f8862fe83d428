/** Which resources can be embedded in which: found in the keys of tables, the views on them, and functions. */
import type { CatalogConstraint, CatalogRowFunction } from './queries/keys.ts';
import {
  type Cardinality,
  type ColumnPairs,
  type ComputedRelationship,
  type KeyRelationship,
  keyOf,
  type QualifiedName,
  type Relationship,
} from './schema-cache.ts';
import type { Relation, Showing, ShownKeys } from './shown-keys.ts';
import { compareRelationships } from './sort-relationships.ts';

/** A foreign key as one pair of relations shows it, seen from the side that has it. */
interface Reference {
  readonly constraint: string;
  readonly near: Relation;
  readonly far: Relation;
  readonly columns: ColumnPairs;
}

export interface RelationshipSources {
  readonly relations: ReadonlyMap<number, Relation>;
  readonly constraints: readonly CatalogConstraint[];
  readonly shownKeys: ShownKeys;
  /** By relation. */
  readonly primaryKeys: ReadonlyMap<number, readonly string[]>;
  readonly rowFunctions: readonly CatalogRowFunction[];
}

/**
 * Relationships by the key of the near relation, in a fixed order.
 * One-to-one: the columns of the foreign key are exactly those of a primary key or a unique constraint.
 * Many-to-many: the columns of two foreign keys of a relation are part of its primary key.
 * A function of a row takes the place of the keys to the relation that has its name.
 */
export function findRelationships(sources: RelationshipSources): Map<string, readonly Relationship[]> {
  const uniqueKeys = listUniqueKeys(sources.constraints);
  const manyToOne: Reference[] = [];
  const found: Relationship[] = [];
  for (const constraint of sources.constraints) {
    if (constraint.kind !== 'f') continue;
    const isUnique = uniqueKeys.has(columnSetKey(constraint));
    for (const reference of listReferences(constraint, sources.shownKeys)) {
      found.push(...bothWays(reference, isUnique));
      if (!isUnique) manyToOne.push(reference);
    }
  }
  found.push(...throughJunctions(manyToOne, sources.primaryKeys));
  const computed = computedRelationships(sources);
  return groupByNear([...withoutOverridden(found, computed), ...computed]);
}

function listUniqueKeys(constraints: readonly CatalogConstraint[]): Set<string> {
  return new Set(constraints.filter(({ kind }) => kind !== 'f').map(columnSetKey));
}

function columnSetKey({ table, columns }: CatalogConstraint): string {
  return `${table}:${columns.toSorted((a, b) => a - b).join()}`;
}

function listReferences(constraint: CatalogConstraint, shownKeys: ShownKeys): Reference[] {
  const nears = shownKeys.list(constraint.table, constraint.columns);
  if (nears.length === 0) return [];
  const fars = shownKeys.list(constraint.farTable, constraint.farColumns ?? []);
  return nears.flatMap((near) =>
    fars.map((far) => ({
      constraint: constraint.name,
      near: near.relation,
      far: far.relation,
      columns: pairs(near, far),
    })),
  );
}

function pairs(near: Showing, far: Showing): ColumnPairs {
  return near.columns.map((name, place) => [name, far.columns[place] ?? ''] as const);
}

function bothWays({ constraint, near, far, columns }: Reference, isUnique: boolean): KeyRelationship[] {
  const inverse = swap(columns);
  if (isUnique) {
    return [
      keyRelationship(near, far, { kind: 'one-to-one', constraint, columns, isReferenced: false }),
      keyRelationship(far, near, { kind: 'one-to-one', constraint, columns: inverse, isReferenced: true }),
    ];
  }
  return [
    keyRelationship(near, far, { kind: 'many-to-one', constraint, columns }),
    keyRelationship(far, near, { kind: 'one-to-many', constraint, columns: inverse }),
  ];
}

function throughJunctions(
  references: readonly Reference[],
  primaryKeys: ReadonlyMap<number, readonly string[]>,
): KeyRelationship[] {
  const byJunction = Map.groupBy(references, ({ near }) => near);
  return [...byJunction].flatMap(([junction, candidates]) => {
    const primaryKey = new Set(primaryKeys.get(junction.id));
    const inKey = candidates.filter(({ columns }) => columns.every(([name]) => primaryKey.has(name)));
    return inKey.flatMap((near) =>
      inKey.filter((far) => far.constraint !== near.constraint).map((far) => manyToMany(junction, near, far)),
    );
  });
}

function manyToMany(junction: Relation, near: Reference, far: Reference): KeyRelationship {
  return keyRelationship(near.far, far.far, {
    kind: 'many-to-many',
    junction: {
      table: qualifiedName(junction),
      nearConstraint: near.constraint,
      farConstraint: far.constraint,
      nearColumns: swap(near.columns),
      farColumns: swap(far.columns),
    },
  });
}

function keyRelationship(near: Relation, far: Relation, cardinality: Cardinality): KeyRelationship {
  return {
    kind: 'key',
    near: qualifiedName(near),
    far: qualifiedName(far),
    isSelf: near === far,
    cardinality,
    isNearView: near.isView,
    isFarView: far.isView,
  };
}

function computedRelationships({ relations, rowFunctions }: RelationshipSources): ComputedRelationship[] {
  return rowFunctions.flatMap(({ schema, name, near: nearId, far: farId, isToOne }) => {
    const near = relations.get(nearId);
    const far = relations.get(farId);
    if (near === undefined || far === undefined) return [];
    return {
      kind: 'computed' as const,
      near: qualifiedName(near),
      far: qualifiedName(far),
      function: { schema, name },
      isSelf: near === far,
      isToOne,
    };
  });
}

function withoutOverridden(
  found: readonly Relationship[],
  computed: readonly ComputedRelationship[],
): Relationship[] {
  const overridden = new Set(
    computed.map((relationship) => between(relationship.near, relationship.function)),
  );
  return found.filter(({ near, far }) => !overridden.has(between(near, far)));
}

function between(near: QualifiedName, far: QualifiedName): string {
  return `${keyOf(near)}\0${keyOf(far)}`;
}

function groupByNear(relationships: readonly Relationship[]): Map<string, readonly Relationship[]> {
  const groups = Map.groupBy(relationships, ({ near }) => keyOf(near));
  for (const group of groups.values()) group.sort(compareRelationships);
  return groups;
}

function swap(columns: ColumnPairs): ColumnPairs {
  return columns.map(([near, far]) => [far, near] as const);
}

function qualifiedName({ schema, name }: Relation): QualifiedName {
  return { schema, name };
}
