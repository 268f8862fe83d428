import { RestFault } from '../fault.ts';
import type { FieldRef } from '../request/api-request.ts';
import {
  type Column,
  type ComputedField,
  keyOf,
  type QualifiedName,
  type SchemaCache,
} from '../schema/schema-cache.ts';
import type { PlannedField } from './plan.ts';
import { columnNotFound } from './read-faults.ts';
import type { ReadScope } from './read-scope.ts';

/** Every table has these; views do not, and Postgres says so. */
const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(['cmax', 'cmin', 'ctid', 'tableoid', 'xmax', 'xmin']);
/** Types whose values have arrows already. */
const JSON_TYPES: ReadonlySet<string> = new Set(['json', 'jsonb']);

/** `show`: the value is turned into JSON; `compare`: texts are turned into its type; `plain`: neither. */
export type FieldUse = 'compare' | 'plain' | 'show';

/**
 * A column of the scope's rows, or a function of one row that is called like a column.
 * @throws RestFault 42703 when there is neither; where the cache does not know the columns, Postgres decides.
 */
export function planField(field: FieldRef, scope: ReadScope, use: FieldUse): PlannedField {
  const { name, path } = field;
  const { table, context } = scope;
  const base = { name, path, type: '', needsToJson: false, transform: null };
  if (table === null) {
    // Postgres has no such name either, but would call it a syntax error.
    if (name === '') throw new RestFault(400, '42703', `column ${scope.alias}."" does not exist`);
    return base;
  }
  const column = table.columns.get(name);
  if (column !== undefined) {
    return {
      ...base,
      type: column.type,
      needsToJson: path.length > 0 && column.isCompositeOrArray,
      transform: path.length > 0 ? null : findTransform(column, use, context.cache),
    };
  }
  const computed = findComputedField(scope, name);
  if (computed !== undefined) {
    return { ...base, needsToJson: path.length > 0 && !JSON_TYPES.has(computed.type) };
  }
  if (SYSTEM_COLUMNS.has(name)) return base;
  throw columnNotFound(scope.alias, name, table);
}

/** How the values of a column are shown in JSON, if somebody defined that for its domain. */
export function findShow(column: Column, cache: SchemaCache): QualifiedName | null {
  return findTransform(column, 'show', cache);
}

function findTransform(column: Column, use: FieldUse, cache: SchemaCache): QualifiedName | null {
  if (use === 'plain' || cache.representations.length === 0) return null;
  const [from, to] = use === 'show' ? [column.nominalType, 'json'] : ['text', column.nominalType];
  return cache.representations.find((one) => one.from === from && one.to === to)?.function ?? null;
}

/** A function of a row of the table, as far as the search path of the request finds it. */
export function findComputedField({ relation, context }: ReadScope, name: string): ComputedField | undefined {
  const { schema, cache, settings } = context;
  const searched = [schema, ...settings.dbExtraSearchPath];
  return cache.computedFields
    ?.get(keyOf(relation))
    ?.find((field) => field.function.name === name && searched.includes(field.function.schema));
}
