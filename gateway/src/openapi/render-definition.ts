import {
  type Column,
  keyOf,
  type Relationship,
  type SchemaCache,
  type Table,
} from '../schema/schema-cache.ts';
import { defaultOf, schemaOfType } from './json-types.ts';
import { type Named, optional, type Schema } from './open-api-types.ts';

/** The rows of a table or view as an object. */
export function renderDefinition(table: Table, cache: SchemaCache): Named<Schema> {
  const columns = [...table.columns.values()];
  const relationships = cache.relationships.get(keyOf(table)) ?? [];
  const required = columns.filter(({ isNullable }) => !isNullable).map(({ name }) => name);
  return [
    table.name,
    {
      ...optional('description', table.description),
      ...optional('required', required.length === 0 ? null : required),
      properties: Object.fromEntries(
        columns.map((column) => [column.name, renderProperty(column, table, relationships)]),
      ),
      type: 'object',
    },
  ];
}

function renderProperty(column: Column, table: Table, relationships: readonly Relationship[]): Schema {
  return {
    ...optional('description', describeColumn(column, table, relationships)),
    ...optional('default', defaultOf(column.type, column.defaultExpression)),
    ...optional('enum', column.enumValues.length === 0 ? null : column.enumValues),
    ...optional('maxLength', column.maxLength),
    ...schemaOfType(column.type),
  };
}

/** Tools read the marks `<pk/>` and `<fk …/>`, so they are as PostgREST writes them. */
function describeColumn(
  { name, description }: Column,
  table: Table,
  relationships: readonly Relationship[],
): string | null {
  const notes = [
    table.primaryKey.includes(name) ? ['This is a Primary Key.<pk/>'] : [],
    findReference(name, table, relationships).map(
      ([to, key]) => `This is a Foreign Key to \`${to}.${key}\`.<fk table='${to}' column='${key}'/>`,
    ),
  ].flat();
  if (notes.length === 0) {
    return description;
  }
  const prefix = description === null ? '' : `${description}\n\n`;
  return `${prefix}Note:\n${notes.join('\n')}`;
}

/** Where a foreign key of this one column leads within the schema; to a table rather than to a view of it. */
function findReference(
  column: string,
  { schema }: Table,
  relationships: readonly Relationship[],
): readonly (readonly [table: string, column: string])[] {
  const found = relationships.flatMap((relationship) => {
    if (relationship.kind !== 'key' || relationship.far.schema !== schema) {
      return [];
    }
    const { cardinality, far, isFarView } = relationship;
    const refers =
      cardinality.kind === 'many-to-one' || (cardinality.kind === 'one-to-one' && !cardinality.isReferenced);
    const [pair, ...more] = refers ? cardinality.columns : [];
    const isIt = pair !== undefined && more.length === 0 && pair[0] === column;
    return isIt ? [{ to: [far.name, pair[1]] as const, isFarView }] : [];
  });
  const first = found.find(({ isFarView }) => !isFarView) ?? found[0];
  return first === undefined ? [] : [first.to];
}
