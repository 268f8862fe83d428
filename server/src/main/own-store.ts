import type { Log } from '../kernel/log.ts';
import { migrate } from '../store/migrate.ts';
import { openStore, type Store } from '../store/store.ts';
import type { Config } from './config.ts';
import { ensureFirstAdmin } from './first-admin.ts';
import { ensureSchema } from './own-database.ts';

const MIGRATION_MS = 600_000;

export interface OwnStoreParts {
  readonly config: Pick<Config, 'admin' | 'rateLimits'>;
  readonly log: Log;
  readonly databaseUrl: string;
  /** Shows the generated password of the first administrator. */
  readonly announce: (username: string, password: string) => void;
}

/** With connections of its own: a migration, or the wait for another replica's, outlasts any request. */
async function migrateOwnDatabase(url: string, log: Log): Promise<void> {
  await ensureSchema(url);
  const settings = { url, applicationName: 'backyard migration', maxConnections: 2 };
  const store = openStore({ ...settings, statementTimeoutMs: MIGRATION_MS }, (error) =>
    log.warn({ err: error }, 'an idle connection to our own database ended'),
  );
  try {
    const applied = await migrate(store);
    if (applied.length > 0) log.info({ applied }, 'the database schema is up to date');
  } finally {
    await store.destroy();
  }
}

/** Opens our own database, with the newest schema and at least one administrator. */
export async function openOwnStore(parts: OwnStoreParts, applicationName: string): Promise<Store> {
  const { config, log, databaseUrl, announce } = parts;
  await migrateOwnDatabase(databaseUrl, log);
  const store = openStore({ url: databaseUrl, applicationName, maxConnections: 10 }, (error) =>
    log.warn({ err: error }, 'an idle connection to our own database ended'),
  );
  try {
    await ensureFirstAdmin(store, config, announce);
    return store;
  } catch (error) {
    await store.destroy();
    throw error;
  }
}
