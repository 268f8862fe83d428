import type { FieldRef, SelectedField } from '../request/api-request.ts';
import type { Column } from '../schema/schema-cache.ts';
import type { PlannedField, PlannedSelect } from './plan.ts';
import { findComputedField, findShow, planField } from './plan-field.ts';
import type { ReadScope } from './read-scope.ts';

/**
 * The fields of one resource. `*` stays one unless its columns must be told apart: `needsColumns`, or one of them is
 * shown otherwise than Postgres shows it.
 */
export function planSelect(
  fields: readonly SelectedField[],
  scope: ReadScope,
  needsColumns: boolean,
): PlannedSelect[] {
  const isNamed =
    needsColumns ||
    hasRepresentation(scope) ||
    fields.some((one) => isOldCount(one, scope) || (scope.isSource && isComputed(one, scope)));
  return fields.flatMap((selected) => {
    if (isStar(selected)) return isNamed ? listColumns(scope) : [plain(wholeRow, '*')];
    return [planSelected(selected, scope)];
  });
}

const wholeRow: PlannedField = {
  name: '*',
  isRow: true,
  path: [],
  type: '',
  needsToJson: false,
  transform: null,
};

function plain(field: PlannedField, name: string): PlannedSelect {
  return { field, cast: null, aggregate: null, aggregateCast: null, name };
}

function isStar(selected: SelectedField): boolean {
  return isRow(selected) && selected.alias === null && selected.aggregate === null;
}

/** `*` and `count()`; with more to it, it is a column that is called so. */
function isRow({ field, cast, aggregate }: SelectedField): boolean {
  return (
    field.name === '*' && field.path.length + (cast ?? '').length === 0 && (aggregate ?? 'count') === 'count'
  );
}

/** What a mutation returned may hold computed fields besides its columns, and `*` must not show them. */
function isComputed({ field }: SelectedField, scope: ReadScope): boolean {
  return scope.table?.columns.has(field.name) === false && findComputedField(scope, field.name) !== undefined;
}

function hasRepresentation({ table, context }: ReadScope): boolean {
  if (table === null || context.cache.representations.length === 0) return false;
  return [...table.columns.values()].some((column) => findShow(column, context.cache) !== null);
}

function listColumns({ table, context }: ReadScope): PlannedSelect[] {
  if (table === null) return [plain(wholeRow, '*')];
  return [...table.columns.values()].map((column) => plain(shownColumn(column, context.cache), column.name));
}

function shownColumn(column: Column, cache: ReadScope['context']['cache']): PlannedField {
  const { name, type } = column;
  return { name, path: [], type, needsToJson: false, transform: findShow(column, cache) };
}

function planSelected(selected: SelectedField, scope: ReadScope): PlannedSelect {
  const { field, alias, aggregate } = selected;
  const { castType } = scope.context;
  if (isOldCount(selected, scope)) return { ...plain(wholeRow, alias ?? 'count'), aggregate: 'count' };
  const isShown = selected.cast === null && aggregate === null;
  return {
    field:
      aggregate !== null && isRow(selected) ? wholeRow : planField(field, scope, isShown ? 'show' : 'plain'),
    cast: selected.cast === null ? null : castType(selected.cast),
    aggregate,
    aggregateCast: selected.aggregateCast === null ? null : castType(selected.aggregateCast),
    name: alias ?? aggregate ?? nameOf(field),
  };
}

/** `select=count` without parentheses is older than aggregates, and needs no permission for them. */
function isOldCount({ field, aggregate, cast }: SelectedField, { table }: ReadScope): boolean {
  const isBare = field.name === 'count' && field.path.length === 0 && aggregate === null && cast === null;
  return isBare && table?.columns.has('count') === false;
}

/** `data->1->key->>2` is shown as `key`, `data->3` as `data`. */
function nameOf({ name, path }: FieldRef): string {
  return path.findLast((step) => !step.isIndex)?.operand ?? name;
}
