/** A small schema cache for unit tests: `api.films`, `api.people`, `api.roles` and what relates them. */
import {
  type Cardinality,
  type Column,
  type KeyRelationship,
  keyOf,
  type Relationship,
  type SchemaCache,
  type Table,
} from '../schema/schema-cache.ts';

export function emptyCache(): SchemaCache {
  return {
    tables: new Map(),
    relationships: new Map(),
    routines: new Map(),
    computedFields: new Map(),
    representations: [],
    mediaConverters: [],
    timezones: new Set(),
    serverVersion: 170_000,
    schemaDescriptions: new Map(),
  };
}

export function column(name: string, type = 'text', changes: Partial<Column> = {}): Column {
  return {
    name,
    description: null,
    type,
    nominalType: type,
    isNullable: true,
    isGenerated: false,
    defaultExpression: null,
    maxLength: null,
    enumValues: [],
    isCompositeOrArray: false,
    ...changes,
  };
}

export function tableOf(name: string, ...columns: readonly Column[]): Table {
  return {
    schema: 'api',
    name,
    description: null,
    isView: false,
    isInsertable: true,
    isUpdatable: true,
    isDeletable: true,
    primaryKey: ['id'],
    columns: new Map(columns.map((one) => [one.name, one])),
  };
}

export function relationship(
  near: string,
  far: string,
  cardinality: Cardinality,
  changes: Partial<KeyRelationship> = {},
): KeyRelationship {
  return {
    kind: 'key',
    near: { schema: 'api', name: near },
    far: { schema: 'api', name: far },
    isSelf: near === far,
    cardinality,
    isNearView: false,
    isFarView: false,
    ...changes,
  };
}

export function toOne(constraint: string, near: string, far = 'id'): Cardinality {
  return { kind: 'many-to-one', constraint, columns: [[near, far]] };
}

export function toMany(constraint: string, far: string, near = 'id'): Cardinality {
  return { kind: 'one-to-many', constraint, columns: [[near, far]] };
}

const throughRoles = (near: string, far: string): Cardinality => ({
  kind: 'many-to-many',
  junction: {
    table: { schema: 'api', name: 'roles' },
    nearConstraint: `roles_${near}_fkey`,
    farConstraint: `roles_${far}_fkey`,
    nearColumns: [['id', near]],
    farColumns: [['id', far]],
  },
});

const TABLES = [
  tableOf(
    'films',
    column('id', 'integer'),
    column('title'),
    column('director', 'integer'),
    column('sequel_of', 'integer'),
    column('extra', 'jsonb'),
    column('tags', 'text[]', { isCompositeOrArray: true }),
    column('colour', 'integer', { nominalType: 'api.colour' }),
  ),
  tableOf('people', column('id', 'integer'), column('name'), column('born', 'date')),
  tableOf('roles', column('film', 'integer'), column('person', 'integer'), column('part')),
];

const RELATIONSHIPS: readonly Relationship[] = [
  relationship('films', 'films', toMany('films_sequel_fkey', 'sequel_of')),
  relationship('films', 'films', toOne('films_sequel_fkey', 'sequel_of')),
  relationship('films', 'people', toOne('films_director_fkey', 'director')),
  relationship('films', 'people', throughRoles('film', 'person')),
  relationship('films', 'roles', toMany('roles_film_fkey', 'film')),
  relationship('people', 'films', toMany('films_director_fkey', 'director')),
  relationship('people', 'films', throughRoles('person', 'film')),
  relationship('people', 'roles', toMany('roles_person_fkey', 'person')),
  relationship('roles', 'films', toOne('roles_film_fkey', 'film')),
  relationship('roles', 'people', toOne('roles_person_fkey', 'person')),
  {
    kind: 'computed',
    near: { schema: 'api', name: 'people' },
    far: { schema: 'api', name: 'films' },
    function: { schema: 'api', name: 'first_film' },
    isSelf: false,
    isToOne: true,
  },
];

export function filmCache(changes: Partial<SchemaCache> = {}): SchemaCache {
  return {
    ...emptyCache(),
    tables: new Map(TABLES.map((table) => [keyOf(table), table])),
    relationships: Map.groupBy(RELATIONSHIPS, ({ near }) => keyOf(near)),
    ...changes,
  };
}
