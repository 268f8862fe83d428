import type { Column, Table } from '../schema/schema-cache.ts';
import { type Named, optional, type Parameter, type Reference } from './open-api-types.ts';

const returns = ['return=representation', 'return=minimal', 'return=none'];
const resolutions = ['resolution=ignore-duplicates', 'resolution=merge-duplicates'];

/** What every path may refer to, whatever the database holds. */
export const commonParameters: readonly Named<Parameter>[] = [
  ['preferParams', prefer([])],
  ['preferReturn', prefer(returns)],
  ['preferCount', prefer(['count=none'])],
  ['preferPost', prefer([...returns, ...resolutions])],
  ['select', text('select', 'query', 'Filtering Columns')],
  ['on_conflict', text('on_conflict', 'query', 'On Conflict')],
  ['order', text('order', 'query', 'Ordering')],
  ['range', text('Range', 'header', 'Limiting and Pagination')],
  ['rangeUnit', { ...text('Range-Unit', 'header', 'Limiting and Pagination'), default: 'items' }],
  ['offset', text('offset', 'query', 'Limiting and Pagination')],
  ['limit', text('limit', 'query', 'Limiting and Pagination')],
];

/** The body and the filters of one table. */
export function renderTableParameters(table: Table): readonly Named<Parameter>[] {
  const body: Parameter = {
    name: table.name,
    description: table.name,
    required: false,
    in: 'body',
    schema: refer('definitions', table.name),
  };
  const filters = [...table.columns.values()].map(
    (column): Named<Parameter> => [filterName(table, column), renderFilter(column)],
  );
  return [[`body.${table.name}`, body], ...filters];
}

export function filterName(table: Table, column: Column): string {
  return `rowFilter.${table.name}.${column.name}`;
}

/** A pointer into the document; names may hold what JSON pointers keep for themselves. */
export function refer(part: 'definitions' | 'parameters', name: string): Reference {
  return { $ref: `#/${part}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}` };
}

function renderFilter({ name, description }: Column): Parameter {
  return { ...text(name, 'query', null), ...optional('description', description) };
}

function text(name: string, place: 'header' | 'query', description: string | null): Parameter {
  return { name, ...optional('description', description), required: false, in: place, type: 'string' };
}

function prefer(values: readonly string[]): Parameter {
  return {
    ...text('Prefer', 'header', 'Preference'),
    ...optional('enum', values.length === 0 ? null : values),
  };
}
