import pg from 'pg';
import { inject } from 'vitest';
import { ensureSchema } from '../../../src/main/own-database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { openStore } from '../../../src/store/store.ts';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.ts';

const TEMPLATE = 'backyard_migrated_template';
/** Any number: the files of a run agree on it. */
const LOCK = 4_127_900;

/** Clones a database of ours that is migrated; the first of a run's files makes the template for all. */
export async function createMigratedDatabase(): Promise<TestDatabase> {
  const client = new pg.Client({ connectionString: inject('postgresDsn'), query_timeout: 60_000 });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    const { rowCount } = await client.query('select from pg_database where datname = $1', [TEMPLATE]);
    if (!rowCount) await createTemplate(client);
  } finally {
    await client.end();
  }
  return createTestDatabase(TEMPLATE);
}

/** The name comes last, so that a template that has it is complete. */
async function createTemplate(client: pg.Client): Promise<void> {
  const draft = await createTestDatabase();
  await ensureSchema(draft.dsn);
  const store = openStore({ url: draft.dsn, applicationName: 'template', maxConnections: 1 }, () => {});
  try {
    await migrate(store);
  } finally {
    await store.destroy();
  }
  const [from, to] = [draft.name, TEMPLATE].map((name) => pg.escapeIdentifier(name));
  await client.query(`alter database ${from} rename to ${to}`);
}
