import type { Routine, Parameter as RoutineParameter, Table } from '../schema/schema-cache.ts';
import { elementTypeOf, jsonTypeOf, schemaOfType } from './json-types.ts';
import {
  type Named,
  optional,
  type Parameter,
  type PathItem,
  type Schema,
  summaryOf,
} from './open-api-types.ts';
import { filterName, refer } from './render-parameters.ts';

export const rootPath: Named<PathItem> = [
  '/',
  {
    get: {
      tags: ['Introspection'],
      summary: 'OpenAPI description (this document)',
      produces: ['application/openapi+json', 'application/json'],
      responses: { 200: { description: 'OK' } },
    },
  },
];

/** Reading always; changing where the table or view lets anybody change anything. */
export function renderTablePath(table: Table): Named<PathItem> {
  const shared = { tags: [table.name], ...summaryOf(table.description) };
  const filters = [...table.columns.values()].map((column) => filterName(table, column));
  const parameters = (...names: readonly string[]) => names.map((name) => refer('parameters', name));
  const body = `body.${table.name}`;
  const get = {
    ...shared,
    parameters: parameters(
      ...filters,
      'select',
      'order',
      'range',
      'rangeUnit',
      'offset',
      'limit',
      'preferCount',
    ),
    responses: {
      200: {
        description: 'OK',
        schema: { type: 'array', items: refer('definitions', table.name) } as const,
      },
      206: { description: 'Partial Content' },
    },
  };
  const post = {
    ...shared,
    parameters: parameters(body, 'select', 'preferPost'),
    responses: { 201: { description: 'Created' } },
  };
  const noContent = { 204: { description: 'No Content' } };
  const patch = {
    ...shared,
    parameters: parameters(...filters, body, 'preferReturn'),
    responses: noContent,
  };
  const remove = { ...shared, parameters: parameters(...filters, 'preferReturn'), responses: noContent };
  const isChangeable = table.isInsertable || table.isUpdatable || table.isDeletable;
  return [`/${table.name}`, isChangeable ? { get, post, patch, delete: remove } : { get }];
}

/** POST for every function; GET for those that promise to change nothing. */
export function renderRoutinePath(routine: Routine): Named<PathItem> {
  const shared = {
    tags: [`(rpc) ${routine.name}`],
    ...summaryOf(routine.description),
    produces: [
      'application/json',
      'application/vnd.pgrst.object+json;nulls=stripped',
      'application/vnd.pgrst.object+json',
    ],
    responses: { 200: { description: 'OK' } },
  };
  const args: Parameter = { name: 'args', required: true, in: 'body', schema: argumentSchema(routine) };
  const post = { ...shared, parameters: [args, refer('parameters', 'preferParams')] };
  const get = { ...shared, parameters: routine.parameters.map(queryParameter) };
  return [`/rpc/${routine.name}`, routine.volatility === 'volatile' ? { post } : { get, post }];
}

function argumentSchema({ description, parameters }: Routine): Schema {
  const required = parameters.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  return {
    ...optional('description', description),
    ...optional('required', required.length === 0 ? null : required),
    properties: Object.fromEntries(parameters.map(({ name, type }) => [name, schemaOfType(type)])),
    type: 'object',
  };
}

function queryParameter({ name, type, isRequired, isVariadic }: RoutineParameter): Parameter {
  if (isVariadic) {
    const element = elementTypeOf(type);
    const items = { ...optional('type', jsonTypeOf(element)), format: element };
    return {
      name,
      required: isRequired,
      in: 'query',
      type: jsonTypeOf(type) ?? 'string',
      items,
      collectionFormat: 'multi',
    };
  }
  const jsonType = jsonTypeOf(type);
  // An array is written as Postgres writes it, `{a,b}`, and a query parameter must have some type.
  const queryType = jsonType === 'array' || jsonType === null ? 'string' : jsonType;
  return { name, required: isRequired, in: 'query', format: type, type: queryType };
}
