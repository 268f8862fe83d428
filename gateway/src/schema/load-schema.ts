import pg from 'pg';
import type { TenantSettings } from '../config/settings.ts';
import { buildSchema, type Catalog } from './build-schema.ts';
import { type CatalogViewRule, constraintsSql, rowFunctionsSql, viewRulesSql } from './queries/keys.ts';
import { relationsSql } from './queries/relations.ts';
import { roleSettingsSql } from './queries/roles.ts';
import { routinesSql } from './queries/routines.ts';
import { type Scope, scopeOf } from './queries/scope.ts';
import { mediaConvertersSql, representationsSql, schemasSql, serverSql } from './queries/types.ts';
import { queryWithin } from './query-within.ts';
import type { SchemaCache } from './schema-cache.ts';
import { loadTimezones } from './timezones.ts';
import { parseViewColumns } from './view-columns.ts';

const STATEMENT_MS = 30_000;
/** A little longer, so that Postgres has the chance to say that it took too long. */
const ANSWER_MS = 32_000;
const ROLLBACK_MS = 5_000;

/**
 * Reads what the schemas of `db-schemas` hold, in one read-only transaction and one round trip (one more for the
 * first database of a server, for its time zones). The client must be in no transaction. Errors of Postgres come
 * through as they are, with the client out of its transaction; after any other error the connection must be closed.
 */
export async function loadSchema(
  client: pg.ClientBase,
  settings: Pick<TenantSettings, 'dbExtraSearchPath' | 'dbSchemas'>,
): Promise<SchemaCache> {
  const scope = scopeOf(settings.dbSchemas, settings.dbExtraSearchPath);
  const [catalog, viewRules] = await readCatalog(client, scope);
  const timezones = await loadTimezones(client, catalog.server.identity);
  const viewColumns = new Map(viewRules.map(({ id, rule }) => [Number(id), parseViewColumns(rule)]));
  return buildSchema(catalog, viewColumns, timezones);
}

async function readCatalog(client: pg.ClientBase, scope: Scope): Promise<[Catalog, CatalogViewRule[]]> {
  const answers = await queryWithin(client, ANSWER_MS, renderLoad(scope)).catch(async (error: unknown) => {
    if (error instanceof pg.DatabaseError) await leaveTransaction(client);
    throw error;
  });
  const [catalog, viewRules] = answers.filter(({ command }) => command === 'SELECT');
  const row = catalog?.rows[0] as { catalog: string } | undefined;
  if (row === undefined || viewRules === undefined) throw new TypeError('the catalog queries have no answer');
  return [JSON.parse(row.catalog) as Catalog, viewRules.rows as CatalogViewRule[]];
}

async function leaveTransaction(client: pg.ClientBase): Promise<void> {
  // Should that fail, the connection is gone, and the error before says why.
  await queryWithin(client, ROLLBACK_MS, 'ROLLBACK').catch(() => undefined);
}

function renderLoad(scope: Scope): string {
  const lists = {
    relations: relationsSql(scope),
    constraints: constraintsSql(),
    rowFunctions: rowFunctionsSql(scope),
    routines: routinesSql(scope),
    representations: representationsSql(),
    mediaConverters: mediaConvertersSql(scope),
    schemas: schemasSql(scope),
    roleSettings: roleSettingsSql(),
  };
  const fields = Object.entries(lists).map(
    ([name, sql]) => `'${name}', (SELECT coalesce(json_agg(q), '[]') FROM (${sql}) q)`,
  );
  return `
    BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY;
    SET LOCAL search_path TO '';
    SET LOCAL jit TO off;
    SET LOCAL statement_timeout TO ${STATEMENT_MS};
    SELECT json_build_object('server', (SELECT to_json(q) FROM (${serverSql()}) q), ${fields.join(', ')})::text AS catalog;
    ${viewRulesSql(scope)};
    COMMIT`;
}
