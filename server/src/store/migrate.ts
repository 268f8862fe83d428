import { readdir, readFile } from 'node:fs/promises';
import { type Kysely, sql } from 'kysely';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';
import { Fault } from '../kernel/fault.ts';
import { SCHEMA, type Store } from './store.ts';

const DIRECTORY = new URL('../../migrations/', import.meta.url);

const sqlFiles: MigrationProvider = {
  async getMigrations() {
    const files = (await readdir(DIRECTORY)).filter((file) => file.endsWith('.sql'));
    const entries = files.map(async (file): Promise<[string, Migration]> => {
      const text = await readFile(new URL(file, DIRECTORY), 'utf8');
      return [file.slice(0, -'.sql'.length), { up: (db: Kysely<unknown>) => runScript(db, text) }];
    });
    return Object.fromEntries(await Promise.all(entries));
  },
};

async function runScript(db: Kysely<unknown>, text: string): Promise<void> {
  await sql.raw(text).execute(db);
}

/**
 * Brings our own database to the newest schema, in one transaction, under a lock that other starting
 * replicas wait for. Returns the names of what was applied. Faults with `store.migration` and leaves the
 * database as it was.
 */
export async function migrate(store: Store): Promise<string[]> {
  const migrator = new Migrator({ db: store, provider: sqlFiles, migrationTableSchema: SCHEMA });
  const { error, results } = await migrator.migrateToLatest();
  if (error)
    throw new Fault('store.migration', `the database could not be migrated: ${reason(error)}`, {}, error);
  return (results ?? []).map((result) => result.migrationName);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
