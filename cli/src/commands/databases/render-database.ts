import { relativeTime } from '../../output/time.ts';
import type { Database } from './get-database.ts';

/** Status in words: for a deleted database also until when it can be undeleted. */
export function renderStatus(database: Pick<Database, 'status' | 'purge_after'>, nowMs?: number): string {
  const { status, purge_after: purgeAfter } = database;
  return purgeAfter === null ? status : `${status} (purged ${relativeTime(purgeAfter, nowMs)})`;
}

export type Fact = readonly [name: string, value: string];

/** What people want to know of a database; what it does not have is left out. */
export function databaseFacts(database: Database): Fact[] {
  const { connection } = database;
  const facts: readonly Fact[] = [
    ['id', database.database_id],
    ['status', renderStatus(database)],
    ['created', relativeTime(database.created_at)],
    ['owner', database.owner_email],
    ['host', connection.host],
    ['port', String(connection.port)],
    ['extensions', database.extensions.join(', ')],
  ];
  return facts.filter(([, value]) => value !== '');
}
