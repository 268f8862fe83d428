/** A small database, and settings and requests for it. */
import { readSettings } from '../../src/config/read-settings.ts';
import type { TenantSettings } from '../../src/config/settings.ts';
import type { RestRequest, RestResponse } from '../../src/tenants/exchange.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

const SCHEMA = `
  CREATE SCHEMA api;
  GRANT USAGE ON SCHEMA api TO web_anon, web_user;
  CREATE TABLE api.items (id int PRIMARY KEY, name text, owner text DEFAULT current_setting('role'));
  INSERT INTO api.items SELECT n, 'item ' || n, 'web_anon' FROM generate_series(1, 10) n;
  CREATE TABLE api.secrets (id int PRIMARY KEY);
  GRANT ALL ON api.items TO web_anon, web_user;
  GRANT SELECT ON api.secrets TO web_user;
  CREATE FUNCTION api.pause(seconds float8) RETURNS text LANGUAGE sql VOLATILE
    AS $$ SELECT 'slept' FROM pg_sleep(seconds) $$;
  CREATE FUNCTION api.setting(name text) RETURNS text LANGUAGE sql STABLE
    AS $$ SELECT current_setting(name, true) $$;
  CREATE FUNCTION api.connection() RETURNS int LANGUAGE sql STABLE AS $$ SELECT pg_backend_pid() $$;
  CREATE FUNCTION api.everyone() RETURNS SETOF api.items LANGUAGE sql STABLE AS $$ SELECT * FROM api.items $$;
`;

export async function createTenantDatabase(): Promise<TestDatabase> {
  const database = await createDatabase();
  await database.run(SCHEMA);
  return database;
}

/** The keys of a configuration file on top of those that every tenant here has. */
export async function tenantSettings(
  { authenticatorDsn }: Pick<TestDatabase, 'authenticatorDsn'>,
  keys: Readonly<Record<string, boolean | number | string>> = {},
): Promise<TenantSettings> {
  const all = {
    'db-uri': authenticatorDsn,
    'db-schemas': 'api',
    'db-anon-role': 'web_anon',
    'db-channel-enabled': false,
    ...keys,
  };
  const lines = Object.entries(all).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  const { tenant, warnings } = await readSettings(lines.join('\n'));
  if (warnings.length > 0) throw new Error(warnings.join('; '));
  return tenant;
}

export function request(
  method: string,
  url: string,
  { headers = {}, body = '' }: { headers?: Record<string, string>; body?: string } = {},
): RestRequest {
  return { method, url, headers, body: Buffer.from(body), remoteAddress: null };
}

export function get(url: string, headers: Record<string, string> = {}): RestRequest {
  return request('GET', url, { headers });
}

export function post(url: string, body: unknown, headers: Record<string, string> = {}): RestRequest {
  return request('POST', url, {
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

export function jsonOf({ body }: RestResponse): unknown {
  return JSON.parse(String(body));
}

/** Throws when the condition does not come true in time. */
export async function until(condition: () => Promise<boolean> | boolean, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('the condition did not come true in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
