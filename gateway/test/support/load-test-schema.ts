import pg from 'pg';
import { loadSchema } from '../../src/schema/load-schema.ts';
import type { SchemaCache } from '../../src/schema/schema-cache.ts';
import type { TestDatabase } from './database.ts';

export interface TestScope {
  readonly dbSchemas: readonly [string, ...string[]];
  readonly dbExtraSearchPath: readonly string[];
}

export const NASTY_SCOPE: TestScope = { dbSchemas: ['api', 'v2'], dbExtraSearchPath: ['extra'] };

/** The schema cache as the gateway loads it: as `authenticator`, who has no privileges of its own. */
export async function loadTestSchema(
  { authenticatorDsn }: TestDatabase,
  scope: TestScope = NASTY_SCOPE,
): Promise<SchemaCache> {
  const client = new pg.Client({
    connectionString: authenticatorDsn,
    connectionTimeoutMillis: 10_000,
    query_timeout: 60_000,
  });
  await client.connect();
  try {
    return await loadSchema(client, scope);
  } finally {
    await client.end();
  }
}
