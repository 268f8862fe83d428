import type { TenantSettings } from '../config/settings.ts';
import { RestFault } from '../fault.ts';
import { keyOf, type QualifiedName, type SchemaCache } from '../schema/schema-cache.ts';
import { type Named, optional, summaryOf } from './open-api-types.ts';
import { renderDefinition } from './render-definition.ts';
import { commonParameters, renderTableParameters } from './render-parameters.ts';
import { renderRoutinePath, renderTablePath, rootPath } from './render-paths.ts';

type OpenApiSettings = Pick<
  TenantSettings,
  'openapiMode' | 'openapiSecurityActive' | 'openapiServerProxyUri'
>;

/** What of the database is written down. */
export interface OpenApiScope {
  readonly schema: string;
  /** Keys (`keyOf`) of what the role may use; `null`: everything, as `ignore-privileges` has it. */
  readonly tables: ReadonlySet<string> | null;
  readonly routines: ReadonlySet<string> | null;
}

/** The dialect that the document describes. */
const apiVersion = '14';

const bodyTypes = [
  'application/json',
  'application/vnd.pgrst.object+json;nulls=stripped',
  'application/vnd.pgrst.object+json',
  'text/csv',
];

/** Faults 404 PGRST126 when the settings say that there is no document. */
export function checkOpenApiEnabled({ openapiMode }: Pick<TenantSettings, 'openapiMode'>): void {
  if (openapiMode === 'disabled') {
    throw new RestFault(404, 'PGRST126', 'Root endpoint metadata is disabled');
  }
}

/**
 * The OpenAPI 2.0 document of one schema, in the order of the names. Of overloaded functions the last one counts.
 * Faults as `checkOpenApiEnabled`.
 */
export function renderOpenApi(cache: SchemaCache, settings: OpenApiSettings, scope: OpenApiScope): object {
  checkOpenApiEnabled(settings);
  const tables = [...cache.tables.values()].filter(isIn(scope.schema, scope.tables)).sort(byName);
  const routines = [...cache.routines.values()]
    .flatMap((overloads) => overloads.slice(-1))
    .filter(isIn(scope.schema, scope.routines))
    .sort(byName);
  const comment = summaryOf(cache.schemaDescriptions.get(scope.schema) ?? null);
  return {
    swagger: '2.0',
    info: {
      title: comment.summary ?? 'PostgREST API',
      description: comment.description ?? 'The tables, views and functions of a database schema',
      version: apiVersion,
    },
    ...placeOf(settings.openapiServerProxyUri),
    consumes: bodyTypes,
    produces: bodyTypes,
    paths: record([rootPath, ...tables.map(renderTablePath), ...routines.map(renderRoutinePath)]),
    definitions: record(tables.map((table) => renderDefinition(table, cache))),
    parameters: record([...commonParameters, ...tables.flatMap(renderTableParameters)]),
    ...securityOf(settings),
    externalDocs: {
      description: 'PostgREST Documentation',
      url: `https://docs.postgrest.org/en/v${apiVersion}/references/api.html`,
    },
  };
}

/** Without a proxy there is no telling how we are reached: OpenAPI then means the host that serves the document. */
function placeOf(proxyUri: string | null): object {
  if (proxyUri === null || !URL.canParse(proxyUri)) {
    return { basePath: '/' };
  }
  const { protocol, hostname, port, pathname } = new URL(proxyUri);
  const scheme = protocol === 'http:' ? 'http' : 'https';
  const standardPort = scheme === 'http' ? '80' : '443';
  return {
    basePath: pathname,
    host: `${hostname}:${port === '' ? standardPort : port}`,
    schemes: [scheme],
  };
}

function securityOf({ openapiSecurityActive }: OpenApiSettings): object {
  const definitions = {
    JWT: {
      type: 'apiKey',
      name: 'Authorization',
      in: 'header',
      description: 'Add the token prepending "Bearer " (without quotes) to it',
    },
  };
  return {
    ...optional('securityDefinitions', openapiSecurityActive ? definitions : null),
    ...optional('security', openapiSecurityActive ? [{ JWT: [] }] : null),
  };
}

function isIn(schema: string, keys: ReadonlySet<string> | null): (name: QualifiedName) => boolean {
  return (name) => name.schema === schema && (keys === null || keys.has(keyOf(name)));
}

function byName(one: QualifiedName, other: QualifiedName): number {
  return one.name < other.name ? -1 : Number(one.name > other.name);
}

function record<T>(entries: readonly Named<T>[]): Readonly<Record<string, T>> {
  return Object.fromEntries(entries);
}
