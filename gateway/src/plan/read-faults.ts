/** What can be wrong with a read, in PostgREST's words (https://docs.postgrest.org/en/v14/references/errors.html). */
import { RestFault } from '../fault.ts';
import type { QualifiedName, SchemaCache, Table } from '../schema/schema-cache.ts';
import { editDistance, findClosestName } from './closest-name.ts';

export function tableNotFound({ schema, name }: QualifiedName, cache: SchemaCache): RestFault {
  const names = [...cache.tables.values()].filter((table) => table.schema === schema);
  const closest = findClosestName(
    name,
    names.map((table) => table.name),
  );
  return new RestFault(404, 'PGRST205', `Could not find the table '${schema}.${name}' in the schema cache`, {
    hint: closest === undefined ? null : `Perhaps you meant the table '${schema}.${closest}'`,
  });
}

export function notEmbedded(resource: string): RestFault {
  return new RestFault(400, 'PGRST108', `'${resource}' is not an embedded resource in this request`, {
    hint: `Verify that '${resource}' is included in the 'select' query parameter.`,
  });
}

export function relatedOrderNotToOne(origin: string, target: string): RestFault {
  return new RestFault(400, 'PGRST118', `A related order on '${target}' is not possible`, {
    details: `'${origin}' and '${target}' do not form a many-to-one or one-to-one relationship`,
  });
}

export function badEmbedFilter(target: string): RestFault {
  return new RestFault(400, 'PGRST120', `Bad operator on the '${target}' embedded resource`, {
    details: 'Only is null or not is null filters are allowed on embedded resources',
  });
}

export function aggregatesDisabled(): RestFault {
  return new RestFault(400, 'PGRST123', 'Use of aggregate functions is not allowed');
}

export function aggregateInToManySpread(): RestFault {
  return new RestFault(400, 'PGRST127', 'Feature not implemented', {
    details: 'Aggregates are not implemented for one-to-many or many-to-many spreads.',
  });
}

/** Ours: PostgREST lets Postgres fail, unless the field is one of the groups. */
export function orderByAggregated(): RestFault {
  return new RestFault(400, 'PGRST127', 'Feature not implemented', {
    details: 'Ordering by an embedded resource that has aggregates is not implemented.',
  });
}

export function typeNotFound(name: string): RestFault {
  return new RestFault(400, '42704', `type "${name}" does not exist`);
}

/** As Postgres says it, so that it makes no difference that the name never reaches it. */
export function columnNotFound(alias: string, name: string, table: Table): RestFault {
  const close = listCloseColumns(name, table);
  const hint = close.map((column) => `the column "${alias}.${column}"`).join(' or ');
  return new RestFault(400, '42703', `column ${alias}.${name} does not exist`, {
    hint: hint === '' ? null : `Perhaps you meant to reference ${hint}.`,
  });
}

/** Postgres' own rule: at most three edits, at most half of the letters, one or two names of the same distance. */
function listCloseColumns(name: string, table: Table): readonly string[] {
  const scored = [...table.columns.keys()]
    .map((column) => ({ column, distance: editDistance(column, name) }))
    .filter(({ distance }) => distance <= 3 && distance <= Math.floor(Buffer.byteLength(name) / 2));
  const best = Math.min(...scored.map(({ distance }) => distance));
  const closest = scored.filter(({ distance }) => distance === best).map(({ column }) => column);
  return closest.length > 2 ? [] : closest;
}
