import { RestFault } from '../fault.ts';
import {
  type Cardinality,
  type ColumnPairs,
  type KeyRelationship,
  keyOf,
  type QualifiedName,
  type Relationship,
  type SchemaCache,
} from '../schema/schema-cache.ts';
import { findClosestName, listCloseNames } from './closest-name.ts';

/** What a select names: `target!hint(…)`. */
export interface RelationshipQuery {
  readonly near: QualifiedName;
  readonly target: string;
  readonly hint: string | null;
  /** Only what stands in this schema can be embedded. */
  readonly schema: string;
}

/**
 * The one relationship that a select means.
 *
 * Without a hint the target is a table, a constraint or a column of the near table; with one it is a table, and the
 * hint a constraint, a column of either side or a junction. The cache has left out what a computed relationship
 * replaces, and holds the others in the order in which candidates are listed.
 * @throws RestFault PGRST200 when there is none, PGRST201 when there are several.
 */
export function findRelationship(query: RelationshipQuery, cache: SchemaCache): Relationship {
  const matching = listReachable(query, cache).filter((one) => doesMatch(one, query));
  const [first, ...others] = matching;
  if (first === undefined) throw noRelationship(query, cache);
  if (others.length > 0) throw severalRelationships(query, matching);
  return first;
}

function listReachable({ near, schema }: RelationshipQuery, cache: SchemaCache): readonly Relationship[] {
  return (cache.relationships.get(keyOf(near)) ?? []).filter((one) => nameOf(one).schema === schema);
}

/** What a computed relationship is called is its function. */
function nameOf(relationship: Relationship): QualifiedName {
  return relationship.kind === 'computed' ? relationship.function : relationship.far;
}

function doesMatch(relationship: Relationship, { target, hint }: RelationshipQuery): boolean {
  if (relationship.kind === 'computed') return target === relationship.function.name;
  if (relationship.isSelf) return doesSelfMatch(relationship, target, hint);
  const isFar = target === relationship.far.name;
  if (hint !== null) return isFar && doesHintMatch(relationship.cardinality, hint);
  return isFar || (!relationship.isFarView && isKeyName(relationship.cardinality, target));
}

/**
 * One key gives two relationships to the same table. The name of the table means the many (the ones that reference),
 * the name of the column or constraint means the one (that is referenced).
 */
function doesSelfMatch({ far, cardinality }: KeyRelationship, target: string, hint: string | null): boolean {
  const isTowardsOne = cardinality.kind === 'many-to-one' || isReferencing(cardinality);
  if (hint === null) return isTowardsOne ? isKeyName(cardinality, target) : target === far.name;
  return !isTowardsOne && target === far.name && doesHintMatch(cardinality, hint);
}

function isReferencing(cardinality: Cardinality): boolean {
  return cardinality.kind === 'one-to-one' && !cardinality.isReferenced;
}

function isKeyName(cardinality: Cardinality, name: string): boolean {
  if (cardinality.kind === 'many-to-many') return false;
  return cardinality.constraint === name || isOnlyColumn(cardinality.columns, 0, name);
}

function doesHintMatch(cardinality: Cardinality, hint: string): boolean {
  if (cardinality.kind === 'many-to-many') return cardinality.junction.table.name === hint;
  return isKeyName(cardinality, hint) || isOnlyColumn(cardinality.columns, 1, hint);
}

function isOnlyColumn(columns: ColumnPairs, side: 0 | 1, name: string): boolean {
  return columns.length === 1 && columns[0]?.[side] === name;
}

function noRelationship(query: RelationshipQuery, cache: SchemaCache): RestFault {
  const { near, target, hint, schema } = query;
  const between = `between '${near.name}' and '${target}'`;
  const using = hint === null ? '' : ` using the hint '${hint}'`;
  return new RestFault(400, 'PGRST200', `Could not find a relationship ${between} in the schema cache`, {
    details: `Searched for a foreign key relationship ${between}${using} in the schema '${schema}', but no matches were found.`,
    hint: hintOf(query, cache),
  });
}

/** Another name for the parent when nothing relates to it, else for the child; none when both are known. */
function hintOf(query: RelationshipQuery, cache: SchemaCache): string | null {
  const { near, target, schema } = query;
  const related = listReachable(query, cache);
  if (related.length > 0) {
    const names = related.map((one) => one.far.name);
    const close = listCloseNames(target, names).find(({ score }) => score < 1);
    return close === undefined ? null : `Perhaps you meant '${close.name}' instead of '${target}'.`;
  }
  const parents = [...cache.relationships.values()]
    .flatMap((list) => list.filter((one) => nameOf(one).schema === schema))
    .map((one) => one.near.name);
  const closest = findClosestName(near.name, parents);
  return closest === undefined ? null : `Perhaps you meant '${closest}' instead of '${near.name}'.`;
}

function severalRelationships(
  { near, target }: RelationshipQuery,
  matching: readonly Relationship[],
): RestFault {
  const keys = matching.filter((one) => one.kind === 'key');
  const choices = keys.map((one) => `'${one.far.name}!${hintFor(one.cardinality)}'`).join(', ');
  return new RestFault(
    300,
    'PGRST201',
    `Could not embed because more than one relationship was found for '${near.name}' and '${target}'`,
    {
      details: keys.map(presentCandidate),
      hint: `Try changing '${target}' to one of the following: ${choices}. Find the desired relationship in the 'details' key.`,
    },
  );
}

function hintFor(cardinality: Cardinality): string {
  return cardinality.kind === 'many-to-many' ? cardinality.junction.table.name : cardinality.constraint;
}

function presentCandidate({ near, far, cardinality }: KeyRelationship): object {
  return {
    cardinality: cardinality.kind,
    embedding: `${near.name} with ${far.name}`,
    relationship: describe(near, far, cardinality),
  };
}

function describe(near: QualifiedName, far: QualifiedName, cardinality: Cardinality): string {
  if (cardinality.kind !== 'many-to-many') {
    const { constraint, columns } = cardinality;
    return `${constraint} using ${near.name}${listed(columns, 0)} and ${far.name}${listed(columns, 1)}`;
  }
  const { table, nearConstraint, farConstraint, nearColumns, farColumns } = cardinality.junction;
  const sides = `${nearConstraint}${listed(nearColumns, 1)} and ${farConstraint}${listed(farColumns, 1)}`;
  return `${table.name} using ${sides}`;
}

function listed(columns: ColumnPairs, side: 0 | 1): string {
  return `(${columns.map((pair) => pair[side]).join(', ')})`;
}
