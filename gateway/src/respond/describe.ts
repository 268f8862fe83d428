import type { TenantSettings } from '../config/settings.ts';
import { RestFault } from '../fault.ts';
import { tableNotFound } from '../plan/read-faults.ts';
import type { ApiRequest } from '../request/api-request.ts';
import { keyOf, type SchemaCache, type Table } from '../schema/schema-cache.ts';
import type { RestResponse } from '../tenants/exchange.ts';
import { presentAnswer } from './present-answer.ts';

/**
 * The answer to OPTIONS: what may be done with a resource, by what it is and not by who asks.
 * Faults 404 PGRST205 and PGRST202 where there is none.
 */
export function describe(
  request: ApiRequest,
  cache: SchemaCache,
  settings: Pick<TenantSettings, 'serverCorsAllowedOrigins'>,
): RestResponse {
  const draft = {
    status: 200,
    entries: [
      ['access-control-allow-origin', '*'],
      ['allow', allowedMethods(request, cache)],
    ] as const,
    body: '',
  };
  return presentAnswer(draft, request.headers, settings);
}

function allowedMethods({ target, schema }: ApiRequest, cache: SchemaCache): string {
  switch (target.kind) {
    case 'root':
      return 'OPTIONS,GET,HEAD';
    case 'table': {
      const table = cache.tables.get(keyOf({ schema, name: target.name }));
      if (table === undefined) {
        throw tableNotFound({ schema, name: target.name }, cache);
      }
      return methodsOfTable(table);
    }
    case 'function': {
      const routines = cache.routines.get(keyOf({ schema, name: target.name })) ?? [];
      if (routines.length === 0) {
        throw functionNotFound(schema, target.name);
      }
      const isReadable = routines.some(({ volatility }) => volatility !== 'volatile');
      return isReadable ? 'OPTIONS,GET,HEAD,POST' : 'OPTIONS,POST';
    }
  }
}

function methodsOfTable({ isInsertable, isUpdatable, isDeletable, primaryKey }: Table): string {
  return [
    'OPTIONS,GET,HEAD',
    isInsertable && 'POST',
    isInsertable && isUpdatable && primaryKey.length > 0 && 'PUT',
    isUpdatable && 'PATCH',
    isDeletable && 'DELETE',
  ]
    .filter((method) => method !== false)
    .join(',');
}

function functionNotFound(schema: string, name: string): RestFault {
  const what = `the function ${schema}.${name} without parameters`;
  return new RestFault(404, 'PGRST202', `Could not find ${what} in the schema cache`, {
    details: `Searched for ${what}, but no matches were found in the schema cache.`,
  });
}
