/** Renders route tables as OpenAPI 3.1: the schemas are the ones that validate and serialise. */

import { STATUS_CODES } from 'node:http';
import { BODILESS_STATUSES, type Contract, pathsOf, type Route } from '@backyard/contracts';
import type { TSchema } from 'typebox';

interface ObjectSchema {
  readonly properties?: Record<string, TSchema>;
  readonly required?: readonly string[];
}

function parameters(place: 'path' | 'query', schema: TSchema | undefined) {
  const { properties = {}, required = [] } = (schema ?? {}) as ObjectSchema;
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
  }));
}

function responses(route: Route) {
  const entries = Object.entries(route.responses).map(([status, schema]) => {
    const description = STATUS_CODES[status] ?? status;
    const hasBody = !BODILESS_STATUSES.has(Number(status));
    const type = (status === '200' && route.download) || 'application/json';
    return [status, { description, ...(hasBody && { content: { [type]: { schema } } }) }];
  });
  return Object.fromEntries(entries);
}

function operation(contract: Contract, route: Route, alias: number) {
  const hasRequiredBody = ((route.body ?? {}) as ObjectSchema).required?.length;
  return {
    operationId: `${contract.name}.${route.operation}${alias === 0 ? '' : `.${alias}`}`,
    summary: route.summary,
    tags: [route.tag ?? contract.title],
    ...(route.socket && { description: route.socket }),
    ...(alias > 0 && { description: `Another address of \`${route.path}\`.` }),
    // To open a socket, a credential is asked for after the upgrade.
    security: route.access === 'anyone' && !route.socket ? [] : [{ bearer: [] }, { cookie: [] }],
    parameters: [...parameters('path', route.params), ...parameters('query', route.query)],
    ...(route.body && {
      requestBody: {
        required: Boolean(hasRequiredBody),
        content: { 'application/json': { schema: route.body } },
      },
    }),
    ...(route.upload && { requestBody: { required: true, content: { 'application/octet-stream': {} } } }),
    responses: responses(route),
  };
}

/** One document for all contracts of a port. */
export function renderOpenApi(contracts: readonly Contract[], version: string) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const contract of contracts) {
    for (const route of contract.routes) {
      pathsOf(route).forEach((path, alias) => {
        paths[path] ??= {};
        paths[path][route.method.toLowerCase()] = operation(contract, route, alias);
      });
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Backyard',
      version,
      description: 'A control plane for backends. Sign in, or use an API key, as a bearer token.',
    },
    tags: contracts.map((contract) => ({ name: contract.title })),
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'backyard_session' },
      },
    },
    paths,
  };
}
