/**
 * Keeps PUBLIC out of every database of the cluster, so that a tenant's login is let into its own only:
 * pgweb contract 4.1. Roles of others that could connect until now get the right by name first.
 */
import type { Driver, Step } from '../../domain/driver.ts';
import type { ClusterPool } from './cluster-pool.ts';
import { sqlState } from './cluster-session.ts';
import { GROUP_ROLE_PATTERN, LOGIN_COMMENT_PREFIX } from './managed-names.ts';
import { probeCluster } from './probe-cluster.ts';
import { ident } from './quote.ts';

export interface ClusterTarget {
  readonly id: string;
  readonly desired: 'active' | 'suspended' | 'absent';
}

/** A database on which PUBLIC holds something. */
export interface PublicDatabase {
  readonly name: string;
  /** CONNECT, TEMPORARY or CREATE. */
  readonly privileges: readonly string[];
  /** Roles other than the owner that gave PUBLIC a right, by a grant option of theirs. */
  readonly grantors: readonly string[];
  /** People use it and it is not ours: whoever could come in must still be able to. */
  readonly keepsOthers: boolean;
}

export interface ClusterObservation {
  readonly publicDatabases: readonly PublicDatabase[];
  /** Logins that Backyard does not manage, superusers excepted. */
  readonly otherLogins: readonly string[];
}

export interface ClusterStep extends Step {
  readonly databases: readonly { readonly name: string; readonly statements: readonly string[] }[];
}

export const CLUSTER_STEP_NAMES = ['revoke-public'] as const;
const DATABASE_GONE = '3D000';

/** A managed database in creation is closed and still has the rights it was born with; its driver sees to that. */
const CLUSTER_CATALOG = `
WITH open_to_all AS (
  SELECT d.datname, array_agg(DISTINCT x.privilege_type) AS privileges,
         coalesce(array_agg(DISTINCT g.rolname) FILTER (WHERE g.oid <> d.datdba), '{}') AS grantors,
         d.datallowconn AND o.rolname !~ $1 AS keeps_others
  FROM pg_database d JOIN pg_authid o ON o.oid = d.datdba
  CROSS JOIN aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x
  LEFT JOIN pg_authid g ON g.oid = x.grantor
  WHERE x.grantee = 0 AND d.datconnlimit <> -2 AND (d.datallowconn OR o.rolname !~ $1)
  GROUP BY d.datname, d.datallowconn, o.rolname
)
SELECT json_build_object(
  'publicDatabases', (SELECT coalesce(json_agg(json_build_object(
    'name', datname, 'privileges', privileges, 'grantors', grantors, 'keepsOthers', keeps_others)
    ORDER BY datname), '[]') FROM open_to_all),
  'otherLogins', (SELECT coalesce(json_agg(a.rolname ORDER BY a.rolname), '[]') FROM pg_authid a
    WHERE EXISTS (SELECT FROM open_to_all) AND a.rolcanlogin AND NOT a.rolsuper
      AND NOT EXISTS (SELECT FROM pg_shdescription s WHERE s.objoid = a.oid
                      AND s.classoid = 'pg_authid'::regclass AND starts_with(s.description, $2)))
) AS seen`;

/** The driver for the cluster as a whole, of which there is always one. */
export function clusterDriver(pool: ClusterPool): Driver<ClusterTarget, ClusterObservation, ClusterStep> {
  return {
    kind: 'cluster',
    stepNames: CLUSTER_STEP_NAMES,
    observe: (_target, signal) => observe(pool, signal),
    plan: planCluster,
    apply: (_target, step, signal) => apply(pool, step, signal),
  };
}

/** One step for all databases; none when the cluster is not to be kept. */
export function planCluster(target: ClusterTarget, seen: ClusterObservation | null): readonly ClusterStep[] {
  if (target.desired !== 'active' || seen === null || seen.publicDatabases.length === 0) return [];
  const databases = seen.publicDatabases.map((database) => ({
    name: database.name,
    statements: publicStatements(database, seen.otherLogins),
  }));
  return [{ name: CLUSTER_STEP_NAMES[0], databases }];
}

function publicStatements(database: PublicDatabase, otherLogins: readonly string[]): readonly string[] {
  const on = `ON DATABASE ${ident(database.name)}`;
  const privileges = database.privileges.join(', ');
  const keeps = database.keepsOthers && otherLogins.length > 0;
  return [
    ...(keeps ? [`GRANT ${privileges} ${on} TO ${otherLogins.map(ident).join(', ')}`] : []),
    `REVOKE ${privileges} ${on} FROM PUBLIC`,
    ...database.grantors.map(
      (role) => `REVOKE GRANT OPTION FOR ${privileges} ${on} FROM ${ident(role)} CASCADE`,
    ),
  ];
}

async function observe(pool: ClusterPool, signal: AbortSignal): Promise<ClusterObservation> {
  await probeCluster(pool, signal);
  const [row] = await pool.admin.query<{ seen: ClusterObservation }>(
    CLUSTER_CATALOG,
    [GROUP_ROLE_PATTERN, LOGIN_COMMENT_PREFIX],
    signal,
  );
  if (row === undefined) throw new Error('A query that always gives one row gave none.');
  return row.seen;
}

/** One transaction for each database, so that one dropped meanwhile keeps nobody else open. */
async function apply(pool: ClusterPool, step: ClusterStep, signal: AbortSignal): Promise<void> {
  for (const { statements } of step.databases) {
    try {
      await pool.admin.batch(statements, signal);
    } catch (error) {
      if (sqlState(error) !== DATABASE_GONE) throw error;
    }
  }
}
