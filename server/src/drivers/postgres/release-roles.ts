/**
 * Takes from roles everything that would keep Postgres from dropping them, wherever in the cluster it is:
 * what they own goes to an heir, what was granted to them goes away.
 */
import { insideAny } from './closed-database.ts';
import type { ClusterPool } from './cluster-pool.ts';
import { GROUP_ROLE_PATTERN } from './managed-names.ts';
import { ident } from './quote.ts';

/** Who inherits in the roles' own database; elsewhere it is that database's write group, or the admin. */
export interface Home {
  readonly databaseName: string;
  readonly heir: string;
}

interface Place {
  readonly database: string;
  readonly allowsConnections: boolean;
  readonly connectionLimit: number;
  readonly heir: string;
}

const PLACES = `
SELECT d.datname::text AS database, d.datallowconn AS "allowsConnections", d.datconnlimit AS "connectionLimit",
       coalesce(h.rolname, current_user)::text AS heir
FROM pg_database d JOIN pg_authid o ON o.oid = d.datdba
LEFT JOIN pg_authid h ON o.rolname ~ $2 AND h.rolname = regexp_replace(o.rolname, '_owner$', '_write')
  AND h.rolname <> ALL ($1::text[])
WHERE d.datconnlimit <> -2 AND (d.oid IN (
  SELECT s.dbid FROM pg_shdepend s JOIN pg_authid r ON r.oid = s.refobjid
  WHERE s.refclassid = 'pg_authid'::regclass AND r.rolname = ANY ($1::text[]))
  -- Left ajar by an earlier try: to be closed again, though nothing of the roles may be left in it.
  OR d.datname = $3 AND d.datallowconn AND d.datconnlimit = 0)`;

const SHARED = `
SELECT current_user::text AS admin,
  (SELECT coalesce(array_agg(d.datname::text), '{}') FROM pg_database d JOIN pg_authid r ON r.oid = d.datdba
   WHERE r.rolname = ANY ($1::text[])) AS databases,
  (SELECT coalesce(array_agg(t.spcname::text), '{}') FROM pg_tablespace t JOIN pg_authid r ON r.oid = t.spcowner
   WHERE r.rolname = ANY ($1::text[])) AS tablespaces,
  (SELECT coalesce(array_agg(r.rolname::text), '{}') FROM pg_authid r WHERE r.rolname = ANY ($1::text[])) AS present`;

interface Shared {
  readonly admin: string;
  readonly databases: readonly string[];
  readonly tablespaces: readonly string[];
  readonly present: readonly string[];
}

/** Frees the roles that exist; the others are skipped. Repeating it is harmless. */
export async function releaseRoles(
  pool: ClusterPool,
  roles: readonly string[],
  home: Home | null,
  signal: AbortSignal,
): Promise<void> {
  const [shared] = await pool.admin.query<Shared & Record<string, unknown>>(SHARED, [roles], signal);
  if (shared === undefined || shared.present.length === 0) return;
  const list = shared.present.map(ident).join(', ');
  // One by one: for several at once Postgres 15 fails where one's default privileges name another.
  const dropOwned = shared.present.map((role) => `DROP OWNED BY ${ident(role)}`);
  // Before REASSIGN OWNED, which would hand databases and tablespaces to a tenant's group.
  await pool.admin.batch(
    [
      ...shared.databases.map((name) => `ALTER DATABASE ${ident(name)} OWNER TO ${ident(shared.admin)}`),
      ...shared.tablespaces.map((name) => `ALTER TABLESPACE ${ident(name)} OWNER TO ${ident(shared.admin)}`),
    ],
    signal,
  );
  const places = await pool.admin.query<Place & Record<string, unknown>>(
    PLACES,
    [shared.present, GROUP_ROLE_PATTERN, home?.databaseName ?? null],
    signal,
  );
  for (const place of places) {
    const heir = place.database === home?.databaseName ? home.heir : place.heir;
    const statements = [`REASSIGN OWNED BY ${list} TO ${ident(heir)}`, ...dropOwned];
    await insideAny(pool, place.database, place, (session) => session.batch(statements, signal), signal);
  }
  // Grants on databases, tablespaces and parameters, and memberships that the roles handed on.
  await pool.admin.batch(dropOwned, signal);
}
