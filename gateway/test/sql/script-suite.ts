/** Requests from their text to the row that Postgres answers, each in a transaction that is rolled back. */
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { readSettings } from '../../src/config/read-settings.ts';
import type { TenantSettings } from '../../src/config/settings.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { planRequest } from '../../src/plan/plan-request.ts';
import type { ApiRequest } from '../../src/request/api-request.ts';
import { parseRequest } from '../../src/request/parse-request.ts';
import { runScript } from '../../src/run/run-script.ts';
import { loadSchema } from '../../src/schema/load-schema.ts';
import type { SchemaCache } from '../../src/schema/schema-cache.ts';
import { renderScript } from '../../src/sql/render-script.ts';
import type { ResultRow, Script } from '../../src/sql/statement.ts';
import { createNastyDatabase, type TestDatabase } from '../support/database.ts';

export interface Call {
  readonly headers?: Readonly<Record<string, string>>;
  /** An object or array goes as JSON; a text or bytes go as they are. */
  readonly body?: unknown;
  readonly role?: string;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly settings?: Partial<TenantSettings>;
  /** Instead of rolling back. */
  readonly commits?: boolean;
}

export interface Answer {
  readonly request: ApiRequest;
  readonly plan: Plan;
  readonly script: Script;
  readonly row: ResultRow;
  /** The body, read as JSON. */
  readonly json: unknown;
  readonly countPlanRows: number | null;
  readonly explain: string | null;
}

export interface ScriptSuite {
  readonly database: TestDatabase;
  readonly cache: SchemaCache;
  send(method: string, url: string, call?: Call): Promise<Answer>;
}

/** One nasty database for the file, and one connection as `authenticator`. */
export function useScriptSuite(): ScriptSuite {
  let database: TestDatabase;
  let pool: pg.Pool;
  let cache: SchemaCache;
  let base: TenantSettings;
  beforeAll(async () => {
    database = await createNastyDatabase();
    pool = new pg.Pool({ connectionString: database.authenticatorDsn, max: 1 });
    base = await settingsOf(database);
    cache = await withClient(pool, (client) => loadSchema(client, base));
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });
  return {
    get database() {
      return database;
    },
    get cache() {
      return cache;
    },
    async send(method, url, call = {}) {
      const settings: TenantSettings = {
        ...base,
        dbTxEnd: call.commits ? 'commit' : 'rollback',
        ...call.settings,
      };
      const { body, headers } = bodyOf(call);
      const request = parseRequest({ method, url, headers, body, remoteAddress: null }, settings);
      const plan = planRequest(request, cache, settings);
      const role = call.role ?? 'web_anon';
      const identity = { role, claims: JSON.stringify({ role, ...call.claims }) };
      const script = renderScript(request, plan, identity, cache, settings);
      const source = { acquire: () => pool.connect() };
      const { row, countPlanRows, explain } = await runScript(source, script, plan, settings, request);
      return { request, plan, script, row, json: readJson(row.body), countPlanRows, explain };
    },
  };
}

async function settingsOf({ authenticatorDsn }: TestDatabase): Promise<TenantSettings> {
  const { tenant } = await readSettings(`
    db-uri = "${authenticatorDsn}"
    db-schemas = "api, v2"
    db-extra-search-path = "extra"
    db-anon-role = "web_anon"
    db-plan-enabled = true
    db-aggregates-enabled = true
  `);
  return tenant;
}

async function withClient<T>(pool: pg.Pool, use: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    return await use(client);
  } finally {
    client.release();
  }
}

function bodyOf({ body, headers = {} }: Call): { body: Buffer; headers: Record<string, string> } {
  if (body === undefined) return { body: Buffer.alloc(0), headers };
  if (Buffer.isBuffer(body) || typeof body === 'string')
    return { body: Buffer.from(body as string), headers };
  return {
    body: Buffer.from(JSON.stringify(body)),
    headers: { 'content-type': 'application/json', ...headers },
  };
}

function readJson(body: ResultRow['body']): unknown {
  if (typeof body !== 'string') return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
