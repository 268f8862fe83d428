/** What a role may use of a schema: it decides what the OpenAPI document shows. */
import type { Identity } from '../auth/identity.ts';
import type { TenantSettings } from '../config/settings.ts';
import type { Plan, ReadOnlyPlan } from '../plan/plan.ts';
import type { ApiRequest } from '../request/api-request.ts';
import { keyOf, type SchemaCache } from '../schema/schema-cache.ts';
import { renderScript } from '../sql/render-script.ts';
import type { Statement } from '../sql/statement.ts';
import { type ConnectionSource, runScript } from './run-script.ts';

export interface Usable {
  /** Keys (`keyOf`). */
  readonly tables: ReadonlySet<string>;
  readonly routines: ReadonlySet<string>;
  readonly transactionMs: number;
}

/** Asks nothing: it carries the settings of the request into a transaction of ours. */
const CARRIER: Plan & ReadOnlyPlan = {
  kind: 'read',
  read: {
    alias: 'carrier',
    from: { kind: 'table', table: { schema: 'pg_catalog', name: 'pg_class' } },
    select: [],
    where: [],
    order: [],
    range: { limit: 0, offset: 0 },
    embeds: [],
  },
  body: { kind: 'none' },
  mediaType: { type: 'application/openapi+json', parameters: {} },
  count: null,
  maxAffected: null,
  access: 'read only',
  isolation: null,
};

/** Runs as the role that asks, with everything that is set for a request of it. Throws as `runScript`. */
export async function listUsable(
  pool: ConnectionSource,
  request: ApiRequest,
  identity: Identity,
  cache: SchemaCache,
  settings: TenantSettings,
): Promise<Usable> {
  const script = renderScript(request, CARRIER, identity, cache, settings);
  const { row, timings } = await runScript(
    pool,
    { ...script, main: renderUsable(request.schema) },
    CARRIER,
    settings,
  );
  const names: { tables: string[]; routines: string[] } = JSON.parse(String(row.body));
  const keys = (list: string[]) => new Set(list.map((name) => keyOf({ schema: request.schema, name })));
  return {
    tables: keys(names.tables),
    routines: keys(names.routines),
    transactionMs: timings.transaction ?? 0,
  };
}

/** By PostgREST's rule: any right on a relation or one of its columns, the right to execute a function. */
function renderUsable(schema: string): Statement {
  const text = `
    SELECT pg_catalog.json_build_object(
      'tables', (
        SELECT coalesce(pg_catalog.json_agg(c.relname), '[]') FROM pg_catalog.pg_class c
        WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND (
          pg_catalog.pg_has_role(c.relowner, 'USAGE')
          OR pg_catalog.has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
          OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))),
      'routines', (
        SELECT coalesce(pg_catalog.json_agg(DISTINCT p.proname), '[]') FROM pg_catalog.pg_proc p
        WHERE p.pronamespace = n.oid AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE'))
    )::text AS "body"
    FROM pg_catalog.pg_namespace n WHERE n.nspname = $1`;
  return { text, values: [schema] };
}
