import { RestFault } from '../fault.ts';
import type { ApiRequest, Payload } from '../request/api-request.ts';
import type { Column, SchemaCache, Table } from '../schema/schema-cache.ts';
import type { PlannedColumn } from './plan.ts';

type JsonPayload = Extract<Payload, { kind: 'json' }>;

/** @throws RestFault `PGRST102` for a body that holds no rows. */
export function rowsOf({ payload, contentType }: ApiRequest): JsonPayload {
  if (payload?.kind === 'json') return payload;
  throw new RestFault(400, 'PGRST102', `Content-Type not acceptable: ${contentType.type}`);
}

/**
 * The columns that a payload fills: its keys, or those of the `columns` parameter.
 * @throws RestFault `PGRST204` for the first one, by name, that the table has not.
 */
export function planColumns(
  { query }: ApiRequest,
  payload: JsonPayload,
  table: Table,
  cache: SchemaCache,
): readonly PlannedColumn[] {
  const keys = [...new Set(query.columns ?? payload.keys)].sort();
  return keys.map((key) => {
    const column = table.columns.get(key);
    if (column === undefined) {
      throw new RestFault(
        400,
        'PGRST204',
        `Could not find the '${key}' column of '${table.name}' in the schema cache`,
      );
    }
    return planColumn(column, cache);
  });
}

function planColumn(column: Column, cache: SchemaCache): PlannedColumn {
  return {
    name: column.name,
    type: column.nominalType,
    transform: findParser(column, cache),
    defaultExpression: column.defaultExpression,
  };
}

function findParser({ nominalType }: Column, cache: SchemaCache): PlannedColumn['transform'] {
  return (
    cache.representations.find(({ from, to }) => from === 'json' && to === nominalType)?.function ?? null
  );
}
