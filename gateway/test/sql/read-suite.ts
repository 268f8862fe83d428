/** Reads as requests write them, on the nasty database: parsed, planned, rendered and run. */
import pg from 'pg';
import type { TenantSettings } from '../../src/config/settings.ts';
import { planRead } from '../../src/plan/plan-read.ts';
import { parseRequest } from '../../src/request/parse-request.ts';
import { requestOf, tenantSettings } from '../../src/request/test-requests.ts';
import { loadSchema } from '../../src/schema/load-schema.ts';
import type { SchemaCache } from '../../src/schema/schema-cache.ts';
import { renderCount, renderRead } from '../../src/sql/render-read.ts';
import { Values } from '../../src/sql/values.ts';
import { createNastyDatabase } from '../support/database.ts';

export interface ReadSuite {
  readonly cache: SchemaCache;
  /** The rows that answer `/table?query`. */
  read(url: string, changes?: Partial<TenantSettings>): Promise<unknown>;
  /** How many rows match, whatever the limit. */
  count(url: string, changes?: Partial<TenantSettings>): Promise<number>;
  sqlOf(url: string, changes?: Partial<TenantSettings>): { text: string; values: readonly unknown[] };
  query(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  end(): Promise<void>;
}

/** Settings for the nasty database, with aggregates. */
export function readSettings(changes: Partial<TenantSettings> = {}): TenantSettings {
  return tenantSettings({
    dbSchemas: ['api', 'v2'],
    dbExtraSearchPath: ['extra'],
    dbAggregatesEnabled: true,
    ...changes,
  });
}

export async function startReadSuite(): Promise<ReadSuite> {
  const database = await createNastyDatabase();
  const client = new pg.Client({ connectionString: database.dsn, query_timeout: 30_000 });
  await client.connect();
  const cache = await loadSchema(client, readSettings());
  await client.query("SET search_path TO 'api', 'extra'; SET timezone TO 'UTC'");
  const planOf = (url: string, changes?: Partial<TenantSettings>) => {
    const settings = readSettings(changes);
    const { query, schema, target, range } = parseRequest(requestOf('GET', url), settings);
    const name = target.kind === 'table' ? target.name : '';
    return planRead(query, { kind: 'table', table: { schema, name } }, cache, settings, range);
  };
  const sqlOf: ReadSuite['sqlOf'] = (url, changes) => {
    const values = new Values();
    return { text: renderRead(planOf(url, changes), values), values: values.list };
  };
  const query: ReadSuite['query'] = async (text, values = []) => (await client.query(text, [...values])).rows;
  return {
    cache,
    sqlOf,
    query,
    read: async (url, changes) => {
      const { text, values } = sqlOf(url, changes);
      const [row] = await query(`SELECT coalesce(json_agg(t.*), '[]') AS body FROM (${text}) t`, values);
      return row?.body;
    },
    count: async (url, changes) => {
      const values = new Values();
      const text = renderCount(planOf(url, changes), values);
      const [row] = await query(`SELECT count(*)::int AS total FROM (${text}) t`, values.list);
      return Number(row?.total);
    },
    end: async () => {
      await client.end();
      await database.drop();
    },
  };
}
