import type { DatabaseSpec } from '../../domain/database.ts';
import type { ManagedPostgresSettings } from '../context.ts';

/** What is asked for of a new database. */
export function databaseSpec(
  settings: Pick<ManagedPostgresSettings, 'databaseConnectionLimit' | 'extensions'>,
): DatabaseSpec {
  return {
    connectionLimit: settings.databaseConnectionLimit,
    extensions: settings.extensions,
    deletedAt: null,
    purgeAfter: null,
  };
}
