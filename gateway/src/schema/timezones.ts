import type pg from 'pg';
import { queryWithin } from './query-within.ts';

/** A server has its own list, the same for all its databases, and needs longer for it than for all of a schema. */
const known = new Map<string, ReadonlySet<string>>();
const MAX_SERVERS = 32;
const TIMEOUT_MS = 10_000;

/** `serverIdentity`: another one after every start of the server. */
export async function loadTimezones(
  client: pg.ClientBase,
  serverIdentity: string,
): Promise<ReadonlySet<string>> {
  const found = known.get(serverIdentity);
  if (found !== undefined) return found;
  const [answer] = await queryWithin(
    client,
    TIMEOUT_MS,
    'SELECT array_to_json(array_agg(name))::text AS names FROM pg_catalog.pg_timezone_names',
  );
  const row = answer?.rows[0] as { names: string | null } | undefined;
  const timezones = new Set(JSON.parse(row?.names ?? '[]') as string[]);
  const [oldest] = known.keys();
  if (known.size >= MAX_SERVERS && oldest !== undefined) known.delete(oldest);
  known.set(serverIdentity, timezones);
  return timezones;
}
