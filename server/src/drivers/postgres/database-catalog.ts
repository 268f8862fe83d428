/** What the shared catalogs say about one managed database: one query on the admin connection. */
import type { DatabaseTarget } from '../../domain/database.ts';
import { databaseRoles } from '../../domain/database.ts';
import type { ClusterSession } from './cluster-session.ts';
import { databaseCommentSuffix, LOGIN_COMMENT_PREFIX } from './managed-names.ts';

/** One privilege that one role holds on the database; `grantee` null is PUBLIC. */
export interface DatabaseGrant {
  readonly grantee: string | null;
  readonly privilege: string;
  readonly grantable: boolean;
}

export interface SeenDatabase {
  /** Not the one that is wanted when it is a spare, or when somebody renamed it. */
  readonly name: string;
  readonly owner: string;
  /** Owned by our owner role. */
  readonly ownedByUs: boolean;
  /** Our groups own it or hold something in it: it is ours also after somebody changed its owner. */
  readonly ours: boolean;
  /** A drop of it was interrupted; Postgres lets nobody in any more. */
  readonly invalid: boolean;
  readonly allowsConnections: boolean;
  readonly connectionLimit: number;
  readonly isTemplate: boolean;
  /** Settings for everybody, made by ALTER DATABASE … SET. */
  readonly settings: readonly string[];
  readonly grants: readonly DatabaseGrant[];
  readonly sizeBytes: number;
  /** Sessions inside, our own excepted. */
  readonly connections: number;
  readonly preparedTransactions: number;
}

export interface SeenGroup {
  readonly name: string;
  /** False when any attribute differs from the one that a group must have. */
  readonly attributesRight: boolean;
  /** Scopes of settings: a database's name, or null for all of them. Groups must have none. */
  readonly settingScopes: readonly (string | null)[];
}

export interface SeenMembership {
  readonly role: string;
  readonly member: string;
  readonly grantor: string | null;
}

export interface SeenLogin {
  readonly name: string;
  readonly canLogin: boolean;
  readonly inWriteGroup: boolean;
}

export interface SharedCatalog {
  readonly versionNumber: number;
  readonly database: SeenDatabase | null;
  readonly groups: readonly SeenGroup[];
  /** Every membership in which one of our groups is either side. */
  readonly memberships: readonly SeenMembership[];
  /** Logins that belong to this database. */
  readonly logins: readonly SeenLogin[];
}

const SHARED_CATALOG = `
WITH groups AS (SELECT * FROM pg_authid WHERE rolname = ANY ($2::text[])),
ours AS (SELECT oid FROM groups WHERE rolname = $6),
db AS (
  -- A restore in the making has our owner too, and must not pass for the database itself.
  SELECT * FROM pg_database d
  WHERE d.datname = $1
    OR d.datdba = (SELECT oid FROM ours) AND d.datname !~ '^by_(restore|replaced)_'
  ORDER BY d.datdba = (SELECT oid FROM ours) DESC NULLS LAST, d.datname = $1 DESC LIMIT 1
),
memberships AS (
  SELECT * FROM pg_auth_members
  WHERE roleid IN (SELECT oid FROM groups) OR member IN (SELECT oid FROM groups)
),
comments AS (
  SELECT objoid, right(description, length($5)) = $5 AS here FROM pg_shdescription
  WHERE classoid = 'pg_authid'::regclass AND starts_with(description, $4)
),
logins AS (
  SELECT a.oid, a.rolname, a.rolcanlogin FROM pg_authid a JOIN comments c ON c.objoid = a.oid WHERE c.here
  UNION
  SELECT a.oid, a.rolname, a.rolcanlogin FROM pg_authid a
  WHERE a.rolname = ANY ($3::text[])
    AND a.oid IN (SELECT m.member FROM memberships m) AND a.oid NOT IN (SELECT objoid FROM comments)
),
grants AS (
  SELECT x.* FROM db, aclexplode(coalesce(db.datacl, acldefault('d', db.datdba))) x
  WHERE x.grantee <> db.datdba
)
SELECT json_build_object(
  'versionNumber', current_setting('server_version_num')::int,
  'database', (SELECT json_build_object(
    'name', db.datname,
    'owner', pg_get_userbyid(db.datdba),
    'ownedByUs', pg_get_userbyid(db.datdba) = $6,
    'ours', EXISTS (SELECT FROM pg_shdepend s
      WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid IN (SELECT oid FROM groups)
        AND (s.dbid = db.oid OR s.classid = 'pg_database'::regclass AND s.objid = db.oid)),
    'invalid', db.datconnlimit = -2,
    'allowsConnections', db.datallowconn,
    'connectionLimit', db.datconnlimit,
    'isTemplate', db.datistemplate,
    'settings', coalesce((SELECT s.setconfig FROM pg_db_role_setting s
                          WHERE s.setdatabase = db.oid AND s.setrole = 0), '{}'),
    'grants', (SELECT coalesce(json_agg(json_build_object(
        'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END,
        'privilege', g.privilege_type, 'grantable', g.is_grantable)), '[]') FROM grants g),
    'sizeBytes', pg_database_size(db.oid),
    'connections', (SELECT count(*) FROM pg_stat_activity a
                    WHERE a.datid = db.oid AND a.backend_type <> 'autovacuum worker'
                      AND NOT (a.application_name = current_setting('application_name') AND a.usename = current_user)),
    'preparedTransactions', (SELECT count(*) FROM pg_prepared_xacts p WHERE p.database = db.datname)
  ) FROM db),
  'groups', (SELECT coalesce(json_agg(json_build_object(
    'name', g.rolname,
    'attributesRight', NOT (g.rolsuper OR g.rolcreaterole OR g.rolcreatedb OR g.rolcanlogin
      OR g.rolreplication OR g.rolbypassrls) AND g.rolinherit AND g.rolconnlimit = -1,
    'settingScopes', (SELECT coalesce(json_agg(d.datname), '[]') FROM pg_db_role_setting s
                      LEFT JOIN pg_database d ON d.oid = s.setdatabase WHERE s.setrole = g.oid)
  )), '[]') FROM groups g),
  'memberships', (SELECT coalesce(json_agg(json_build_object(
    'role', r.rolname, 'member', e.rolname, 'grantor', o.rolname)), '[]')
    FROM memberships m JOIN pg_authid r ON r.oid = m.roleid JOIN pg_authid e ON e.oid = m.member
    LEFT JOIN pg_authid o ON o.oid = m.grantor),
  'logins', (SELECT coalesce(json_agg(json_build_object(
    'name', l.rolname, 'canLogin', l.rolcanlogin,
    'inWriteGroup', EXISTS (SELECT FROM memberships m JOIN groups g ON g.oid = m.roleid
                            WHERE m.member = l.oid AND g.rolname = $7)
  ) ORDER BY l.rolname), '[]') FROM logins l)
) AS seen`;

/** Looks at the database, its groups and its logins from outside. */
export async function readSharedCatalog(
  session: ClusterSession,
  target: DatabaseTarget,
  signal: AbortSignal,
): Promise<SharedCatalog> {
  const roles = databaseRoles(target.id);
  const [row] = await session.query<{ seen: SharedCatalog }>(
    SHARED_CATALOG,
    [
      target.name,
      [roles.owner, roles.read, roles.write],
      target.logins.map((login) => login.role),
      LOGIN_COMMENT_PREFIX,
      databaseCommentSuffix(target.id),
      roles.owner,
      roles.write,
    ],
    signal,
    'shared-catalog',
  );
  if (row === undefined) throw new Error('A query that always gives one row gave none.');
  return row.seen;
}
