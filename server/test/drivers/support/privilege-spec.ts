/**
 * What pgweb contract 4.1 lets each login do, told anew for the tests: by `has_*_privilege` of the server on
 * one side, and by a few plain rules on the other.
 */
import type { PermissionLevel } from '../../../src/domain/pg-user.ts';
import { run } from './cluster-access.ts';

interface Held {
  readonly login: string;
  readonly kind: 'database' | 'schema' | 'table' | 'column' | 'sequence';
  readonly object: string;
  /** Schemas: whether the write group may create in it. */
  readonly writersCreate: boolean;
  readonly privilege: string;
  readonly held: boolean;
}

const OBJECTS = (logins: readonly string[], maintain: boolean): string => `
WITH login (name) AS (SELECT unnest(ARRAY[${logins.map((one) => `'${one}'`).join(', ')}]::text[])),
space AS (
  SELECT n.*, n.nspname = 'public' OR pg_get_userbyid(n.nspowner) !~ '^postgres$' AS writers_create
  FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
),
relation AS (
  SELECT c.oid, c.oid::regclass::text AS name, c.relkind FROM pg_class c JOIN space s ON s.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S')
)
SELECT login.name AS login, 'database' AS kind, current_database()::text AS object, false AS "writersCreate",
       p AS privilege, has_database_privilege(login.name, current_database(), p) AS held
FROM login, unnest(ARRAY['CONNECT', 'TEMPORARY', 'CREATE']) p
UNION ALL
SELECT login.name, 'schema', s.nspname, s.writers_create, p, has_schema_privilege(login.name, s.oid, p)
FROM login, space s, unnest(ARRAY['USAGE', 'CREATE']) p
UNION ALL
SELECT login.name, 'table', r.name, false, p, has_table_privilege(login.name, r.oid, p)
FROM login, relation r,
     unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'${maintain ? ", 'MAINTAIN'" : ''}]) p
WHERE r.relkind <> 'S'
UNION ALL
SELECT login.name, 'column', r.name, false, p, has_any_column_privilege(login.name, r.oid, p)
FROM login, relation r, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) p WHERE r.relkind <> 'S'
UNION ALL
SELECT login.name, 'sequence', r.name, false, p, has_sequence_privilege(login.name, r.oid, p)
FROM login, relation r, unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) p WHERE r.relkind = 'S'`;

export type Who = PermissionLevel | 'stranger';

/** Every privilege that is held against the spec, or missing from it, as a line of text. */
export async function deviations(
  dsn: string,
  database: string,
  people: ReadonlyMap<string, Who>,
): Promise<string[]> {
  const [version] = await run<{ number: number }>(
    dsn,
    {},
    `SELECT current_setting('server_version_num')::int AS number`,
  );
  const query = OBJECTS([...people.keys()], (version?.number ?? 0) >= 170_000);
  const rows = await run<Held & Record<string, unknown>>(dsn, { database }, query);
  return rows
    .filter((row) => row.held !== isAllowed(people.get(row.login) ?? 'stranger', row))
    .map((row) => `${people.get(row.login)} ${row.held ? 'has' : 'lacks'} ${row.privilege} on ${row.object}`);
}

function isAllowed(who: Who, { kind, privilege, writersCreate }: Held): boolean {
  if (who === 'stranger') return false;
  if (who === 'write') return kind !== 'schema' || privilege === 'USAGE' || writersCreate;
  if (kind === 'database') return privilege === 'CONNECT';
  return privilege === (kind === 'schema' ? 'USAGE' : 'SELECT');
}
