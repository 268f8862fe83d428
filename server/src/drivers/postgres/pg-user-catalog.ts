/** What the shared catalogs say about the login of one user: one query on the admin connection. */
import { databaseRoles } from '../../domain/database.ts';
import type { PgUserTarget } from '../../domain/pg-user.ts';
import type { ClusterSession } from './cluster-session.ts';
import { LOGIN_COMMENT_PREFIX, loginComment } from './managed-names.ts';
import type { Membership } from './membership-statements.ts';

export interface SeenRoleSettings {
  /** Where they apply; null is every database. */
  readonly database: string | null;
  readonly settings: readonly string[];
}

export interface SeenRoleMembership extends Membership {
  /** Inherited, may be SET ROLE to, may not be handed on. */
  readonly optionsRight: boolean;
}

/** What is known of a user's login. Says whether the verifier is right, never what it is. */
export interface PgUserObservation {
  readonly versionNumber: number;
  readonly login: string;
  readonly canLogin: boolean;
  readonly commentRight: boolean;
  readonly attributesRight: boolean;
  readonly connectionLimit: number;
  readonly verifierRight: boolean;
  readonly settings: readonly SeenRoleSettings[];
  /** Every membership in which the login is either side. */
  readonly memberships: readonly SeenRoleMembership[];
  readonly sessions: number;
  /** Sessions that began before `sessionsEndedBefore`. */
  readonly oldSessions: number;
  /** Something in the cluster is owned by the login, or granted to it. */
  readonly hasDependencies: boolean;
  readonly database: { readonly allowsConnections: boolean; readonly connectionLimit: number } | null;
}

/** A settled login that lost its comment is still known by its name and its group. */
const LOGIN_CATALOG = `
WITH me AS MATERIALIZED (
  SELECT a.*, s.description IS NOT DISTINCT FROM $1 AS comment_right
  FROM pg_authid a
  LEFT JOIN pg_shdescription s ON s.objoid = a.oid AND s.classoid = 'pg_authid'::regclass
  WHERE s.description = $1
     OR a.rolname = $2 AND (s.description IS NULL OR NOT starts_with(s.description, $3))
        AND EXISTS (SELECT FROM pg_auth_members m JOIN pg_authid g ON g.oid = m.roleid
                    WHERE m.member = a.oid AND g.rolname = ANY ($4::text[]))
  ORDER BY comment_right DESC, a.rolname = $2 DESC, a.oid
  LIMIT 1
)
SELECT json_build_object(
  'versionNumber', current_setting('server_version_num')::int,
  'login', me.rolname,
  'canLogin', me.rolcanlogin,
  'commentRight', me.comment_right,
  'attributesRight', NOT (me.rolsuper OR me.rolcreaterole OR me.rolcreatedb OR me.rolreplication
    OR me.rolbypassrls) AND me.rolinherit AND me.rolconnlimit = $5
    AND coalesce(me.rolvaliduntil, 'infinity') = 'infinity',
  'connectionLimit', me.rolconnlimit,
  'verifierRight', me.rolpassword IS NOT DISTINCT FROM $6,
  'settings', (SELECT coalesce(json_agg(json_build_object('database', d.datname, 'settings', s.setconfig)), '[]')
    FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase WHERE s.setrole = me.oid),
  'memberships', (SELECT coalesce(json_agg(json_build_object(
      'role', r.rolname, 'member', e.rolname, 'grantor', o.rolname,
      'optionsRight', NOT m.admin_option
        AND coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, true)
        AND coalesce((to_jsonb(m) ->> 'set_option')::boolean, true))), '[]')
    FROM pg_auth_members m JOIN pg_authid r ON r.oid = m.roleid JOIN pg_authid e ON e.oid = m.member
    LEFT JOIN pg_authid o ON o.oid = m.grantor WHERE me.oid IN (m.roleid, m.member)),
  'sessions', (SELECT count(*) FROM pg_stat_activity a WHERE a.usesysid = me.oid),
  'oldSessions', (SELECT count(*) FROM pg_stat_activity a
                  WHERE a.usesysid = me.oid AND a.backend_start < $7::timestamptz),
  'hasDependencies', EXISTS (SELECT FROM pg_shdepend s
                             WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = me.oid),
  'database', (SELECT json_build_object('allowsConnections', d.datallowconn, 'connectionLimit', d.datconnlimit)
               FROM pg_database d WHERE d.datname = $8)
) AS seen FROM me`;

/** Finds the login by its comment and looks at it; null when there is none. */
export async function readLoginCatalog(
  session: ClusterSession,
  target: PgUserTarget,
  signal: AbortSignal,
): Promise<PgUserObservation | null> {
  const groups = databaseRoles(target.databaseId);
  const [row] = await session.query<{ seen: PgUserObservation }>(
    LOGIN_CATALOG,
    [
      loginComment(target.id, target.databaseId),
      target.login,
      LOGIN_COMMENT_PREFIX,
      [groups.read, groups.write],
      target.connectionLimit,
      target.verifier,
      target.sessionsEndedBefore,
      target.databaseName,
    ],
    signal,
  );
  return row?.seen ?? null;
}
