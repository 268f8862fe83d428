/** What the catalog queries answered, put together as a schema cache. Pure. */
import { findPrimaryKeys } from './primary-keys.ts';
import type { CatalogConstraint, CatalogRowFunction } from './queries/keys.ts';
import type { CatalogColumn, CatalogRelation } from './queries/relations.ts';
import type { CatalogRoleSetting } from './queries/roles.ts';
import type { CatalogRoutine } from './queries/routines.ts';
import type {
  CatalogMediaConverter,
  CatalogRepresentation,
  CatalogSchema,
  CatalogServer,
} from './queries/types.ts';
import { findRelationships } from './relationships.ts';
import {
  type Column,
  type ComputedField,
  keyOf,
  type MediaConverter,
  type Routine,
  type SchemaCache,
  type Table,
} from './schema-cache.ts';
import { type Relation, ShownKeys } from './shown-keys.ts';
import type { ColumnOrigin } from './view-columns.ts';

export interface Catalog {
  readonly relations: readonly CatalogRelation[];
  readonly constraints: readonly CatalogConstraint[];
  readonly rowFunctions: readonly CatalogRowFunction[];
  readonly routines: readonly CatalogRoutine[];
  readonly representations: readonly CatalogRepresentation[];
  readonly mediaConverters: readonly CatalogMediaConverter[];
  readonly schemas: readonly CatalogSchema[];
  readonly roleSettings: readonly CatalogRoleSetting[];
  readonly server: CatalogServer;
}

export function buildSchema(
  catalog: Catalog,
  viewColumns: ReadonlyMap<number, ReadonlyMap<number, ColumnOrigin>>,
  timezones: ReadonlySet<string>,
): SchemaCache {
  const relations = new Map(catalog.relations.map((relation) => [relation.id, toRelation(relation)]));
  const shownKeys = new ShownKeys(relations, viewColumns);
  const primaryKeys = findPrimaryKeys(catalog.constraints, shownKeys);
  const { constraints, rowFunctions } = catalog;
  return {
    tables: new Map(
      catalog.relations.map((relation) => [
        keyOf(relation),
        toTable(relation, primaryKeys.get(relation.id) ?? []),
      ]),
    ),
    relationships: findRelationships({ relations, constraints, shownKeys, primaryKeys, rowFunctions }),
    routines: Map.groupBy(catalog.routines.map(toRoutine), keyOf),
    computedFields: listComputedFields(rowFunctions, relations),
    representations: catalog.representations.map(({ from, to, schema, name }) => ({
      from,
      to,
      function: { schema, name },
    })),
    mediaConverters: catalog.mediaConverters.map(toMediaConverter),
    roleSettings: roleSettingsOf(catalog),
    timezones,
    serverVersion: catalog.server.version,
    schemaDescriptions: new Map(catalog.schemas.map(({ name, description }) => [name, description])),
  };
}

function toRelation({ id, schema, name, isView, columns }: CatalogRelation): Relation {
  const columnNames = new Map((columns ?? []).map(([number, column]) => [number, column]));
  return { id, schema, name, isView, columnNames };
}

function toTable(relation: CatalogRelation, primaryKey: readonly string[]): Table {
  const { schema, name, description, isView, writes, columns } = relation;
  return {
    schema,
    name,
    description,
    isView,
    isUpdatable: (writes & 4) !== 0,
    isInsertable: (writes & 8) !== 0,
    isDeletable: (writes & 16) !== 0,
    primaryKey,
    columns: new Map((columns ?? []).map((column) => [column[1], toColumn(column)])),
  };
}

const NO_VALUES: readonly string[] = [];

function toColumn(column: CatalogColumn): Column {
  const [, name, description, type, nominalType, isNullable, isGenerated, ...rest] = column;
  const [defaultExpression, maxLength, enumValues, isCompositeOrArray] = rest;
  return {
    name,
    description,
    type,
    // One string in memory instead of two.
    nominalType: nominalType === type ? type : nominalType,
    isNullable,
    isGenerated,
    defaultExpression,
    maxLength,
    enumValues: enumValues ?? NO_VALUES,
    isCompositeOrArray,
  };
}

function toRoutine(routine: CatalogRoutine): Routine {
  const { schema, name, description, parameters, isSet, returnKind, isRecord, hasVariadic } = routine;
  const settings = (routine.settings ?? []).map(splitSetting);
  return {
    schema,
    name,
    description,
    parameters: parameters ?? [],
    returns: {
      isSet,
      kind: returnKind,
      type: { schema: routine.returnSchema, name: routine.returnName },
      isRecord,
    },
    volatility: VOLATILITIES[routine.volatility],
    hasVariadic,
    settings,
    isolation: settings.find(([setting]) => setting === 'default_transaction_isolation')?.[1] ?? null,
  };
}

const VOLATILITIES = { i: 'immutable', s: 'stable', v: 'volatile' } as const;

function splitSetting(setting: string): readonly [string, string] {
  const end = setting.indexOf('=');
  return [setting.slice(0, end), setting.slice(end + 1)];
}

function roleSettingsOf({ roleSettings }: Catalog): NonNullable<SchemaCache['roleSettings']> {
  const byRole = Map.groupBy(roleSettings, ({ role }) => role);
  return new Map(
    [...byRole].map(([role, settings]) => [role, settings.map(({ name, value }) => [name, value] as const)]),
  );
}

function listComputedFields(
  rowFunctions: readonly CatalogRowFunction[],
  relations: ReadonlyMap<number, Relation>,
): Map<string, readonly ComputedField[]> {
  const fields = new Map<string, ComputedField[]>();
  for (const { near, schema, name, type, isSet, isSearched } of rowFunctions) {
    const relation = relations.get(near);
    if (relation === undefined || isSet || !isSearched) continue;
    const key = keyOf(relation);
    fields.set(key, [...(fields.get(key) ?? []), { function: { schema, name }, type }]);
  }
  return fields;
}

function toMediaConverter(handler: CatalogMediaConverter): MediaConverter {
  const { mediaType, schema, name, isAggregate, targetSchema, targetName } = handler;
  return {
    mediaType,
    target: targetSchema === null || targetName === null ? null : { schema: targetSchema, name: targetName },
    function: { schema, name },
    isAggregate,
  };
}
