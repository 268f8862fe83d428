import type { PlannedColumn } from '../plan/plan.ts';
import { quoteColumn, quoteIdentifier, quoteQualified } from './quote.ts';
import type { Values } from './values.ts';

export interface PayloadRows {
  readonly columns: readonly PlannedColumn[];
  readonly payload: { readonly text: string; readonly isArray: boolean };
  /** A key that a row lacks takes the default of its column. */
  readonly usesDefaults: boolean;
}

const RECORD = 'pgrst_record';
const ELEMENT = 'pgrst_element';

/**
 * A SELECT of the payload's rows, one typed column for each planned one, by its name. The payload is one parameter,
 * however many rows it holds.
 */
export function renderPayloadRows(rows: PayloadRows, values: Values): string {
  const { columns, payload, usesDefaults } = rows;
  const parameter = values.add(payload.text);
  if (columns.length === 0) return renderEmptyRows(parameter, payload.isArray);
  return usesDefaults ? renderRowsWithDefaults(rows, parameter, values) : renderPlainRows(rows, parameter);
}

/** As many rows as objects, without a column: `INSERT` then takes the defaults of all. */
function renderEmptyRows(parameter: string, isArray: boolean): string {
  const elements = isArray ? `${parameter}::json` : `json_build_array(${parameter}::json)`;
  return `SELECT FROM json_array_elements(${elements})`;
}

function renderPlainRows({ columns, payload }: PayloadRows, parameter: string): string {
  const source = payload.isArray ? 'json_to_recordset' : 'json_to_record';
  const selected = columns.map((column) => `${renderValue(column)} AS ${quoteIdentifier(column.name)}`);
  return `SELECT ${selected.join(', ')} FROM ${source}(${parameter}::json) AS ${recordOf(columns)}`;
}

function renderRowsWithDefaults(
  { columns, payload }: PayloadRows,
  parameter: string,
  values: Values,
): string {
  const item = quoteColumn(ELEMENT, 'item');
  const selected = columns.map((column) => {
    const key = values.add(column.name);
    // The expression is the catalog's own text. It shows no implicit cast, so the two branches need one type.
    const otherwise =
      column.defaultExpression === null ? 'NULL' : `(${column.defaultExpression})::${column.type}`;
    const value = `CASE WHEN jsonb_exists(${item}, ${key}) THEN ${renderValue(column)} ELSE ${otherwise} END`;
    return `${value} AS ${quoteIdentifier(column.name)}`;
  });
  const elements = payload.isArray
    ? `jsonb_array_elements(${parameter}::jsonb) AS ${ELEMENT}(item)`
    : `(SELECT ${parameter}::jsonb AS item) AS ${ELEMENT}`;
  return `SELECT ${selected.join(', ')} FROM ${elements}, jsonb_to_record(${item}) AS ${recordOf(columns)}`;
}

function renderValue({ name, transform }: PlannedColumn): string {
  const value = quoteColumn(RECORD, name);
  return transform === null ? value : `${quoteQualified(transform)}(${value})`;
}

function recordOf(columns: readonly PlannedColumn[]): string {
  const definitions = columns.map(
    ({ name, type, transform }) => `${quoteIdentifier(name)} ${transform === null ? type : 'json'}`,
  );
  return `${RECORD}(${definitions.join(', ')})`;
}
