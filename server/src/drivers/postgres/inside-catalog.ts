/**
 * What differs inside a managed database from what pgweb contract 4.1 grants: one query. The comparison
 * is done by the server, so that a database with thousands of tables sends only its differences.
 *
 * Looked at: schemas, tables of every kind, sequences, columns, default privileges, the large-object
 * functions. Left alone: system schemas, members of extensions, and grants to roles that Backyard does
 * not manage. `grantee` null is PUBLIC.
 */
import { databaseRoles } from '../../domain/database.ts';
import type { ClusterSession } from './cluster-session.ts';
import { LARGE_OBJECT_FUNCTIONS } from './expected-privileges.ts';
import { GROUP_ROLE_PATTERN, LOGIN_COMMENT_PREFIX } from './managed-names.ts';

export type SecurableKind = 'schema' | 'table' | 'sequence' | 'column' | 'function' | 'default';

export interface PrivilegeDifference {
  readonly kind: SecurableKind;
  /** For defaults, null means all schemas. */
  readonly schema: string | null;
  /** Schema, relation, function signature; for defaults TABLES, SEQUENCES or SCHEMAS. */
  readonly name: string;
  readonly column: string | null;
  /** For defaults: whose new objects they apply to. */
  readonly creator: string | null;
  readonly grantee: string | null;
  readonly privilege: string;
  /** The privilege is right, the right to hand it on is not. */
  readonly optionOnly: boolean;
}

/** A table or schema that belongs to a managed role which must not own any. */
export interface Misowned {
  readonly kind: 'schema' | 'table' | 'sequence';
  readonly schema: string | null;
  readonly name: string;
}

export interface InsideCatalog {
  readonly extensions: readonly string[];
  readonly unexpected: readonly PrivilegeDifference[];
  readonly missing: readonly PrivilegeDifference[];
  readonly misowned: readonly Misowned[];
}

const NAMES = `
grp AS MATERIALIZED (
  SELECT (SELECT oid FROM pg_authid WHERE rolname = $1) AS read,
         (SELECT oid FROM pg_authid WHERE rolname = $2) AS write
),
writer AS MATERIALIZED (SELECT oid FROM pg_authid WHERE rolname = ANY ($3::text[])),
managed AS MATERIALIZED (
  SELECT 0::oid AS oid
  UNION SELECT oid FROM pg_authid WHERE rolname ~ $5 OR rolname = ANY ($4::text[])
  UNION SELECT objoid FROM pg_shdescription
        WHERE classoid = 'pg_authid'::regclass AND starts_with(description, $6)
),
member AS MATERIALIZED (
  SELECT classid, objid FROM pg_depend
  WHERE deptype = 'e' AND classid IN ('pg_class'::regclass, 'pg_namespace'::regclass)
),
space AS MATERIALIZED (
  SELECT * FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
)`;

/** Everything with an access list, in one shape; `creator` is set for default privileges only. */
const SECURABLES = `
securable AS MATERIALIZED (
  SELECT 'schema' AS kind, n.oid, 0::bigint AS sub, NULL::text AS schema, n.nspname::text AS name,
         NULL::text AS "column", NULL::text AS creator, n.nspowner AS owner,
         coalesce(n.nspacl, acldefault('n', n.nspowner)) AS acl
  FROM space n
  WHERE NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_namespace'::regclass AND m.objid = n.oid)
  UNION ALL
  SELECT CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, c.oid, 0, n.nspname, c.relname, NULL, NULL,
         c.relowner,
         coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))
  FROM pg_class c JOIN space n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)
  UNION ALL
  SELECT 'column', c.oid, t.attnum, n.nspname, c.relname, t.attname, NULL, c.relowner, t.attacl
  FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid JOIN space n ON n.oid = c.relnamespace
  WHERE t.attacl IS NOT NULL AND NOT t.attisdropped
    AND NOT EXISTS (SELECT FROM member m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid)
  UNION ALL
  SELECT 'function', p.oid, 0, NULL, f.signature, NULL, NULL, p.proowner,
         coalesce(p.proacl, acldefault('f', p.proowner))
  FROM unnest($7::text[]) f (signature) JOIN pg_proc p ON p.oid = to_regprocedure(f.signature)
  UNION ALL
  SELECT 'default', r.oid, 0, NULL, o.name, NULL, r.rolname, r.oid,
         coalesce(d.defaclacl, acldefault(o.acltype, r.oid))
  FROM pg_authid r
  CROSS JOIN (VALUES ('TABLES', 'r'::"char", 'r'::"char"), ('SEQUENCES', 'S', 's'), ('SCHEMAS', 'n', 'n'))
    o (name, objtype, acltype)
  LEFT JOIN pg_default_acl d
    ON d.defaclrole = r.oid AND d.defaclnamespace = 0 AND d.defaclobjtype = o.objtype
  WHERE r.oid IN (SELECT defaclrole FROM pg_default_acl UNION SELECT oid FROM writer UNION SELECT write FROM grp)
  UNION ALL
  SELECT 'default', r.oid, n.oid, n.nspname, CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' ELSE 'SEQUENCES' END,
         NULL, r.rolname, r.oid, d.defaclacl
  FROM pg_default_acl d JOIN pg_namespace n ON n.oid = d.defaclnamespace JOIN pg_authid r ON r.oid = d.defaclrole
  WHERE d.defaclobjtype IN ('r', 'S')
)`;

const DIFFERENCES = `
every AS MATERIALIZED (
  SELECT array_agg(x.privilege_type) FILTER (WHERE k.kind = 'r') AS tables,
         array_agg(x.privilege_type) FILTER (WHERE k.kind = 's') AS sequences
  FROM grp, (VALUES ('r'::"char"), ('s')) k (kind), aclexplode(acldefault(k.kind, grp.write)) x
),
expected AS MATERIALIZED (
  SELECT s.*, grp.read AS grantee, unnest(CASE
      WHEN s.kind = 'schema' OR s.name = 'SCHEMAS' AND s.kind = 'default' THEN '{USAGE}'::text[]
      ELSE '{SELECT}' END) AS privilege
  FROM securable s, grp
  WHERE s.kind IN ('schema', 'table', 'sequence')
     OR s.kind = 'default' AND s.schema IS NULL AND s.owner IN (SELECT oid FROM writer UNION SELECT write FROM grp)
  UNION ALL
  SELECT s.*, grp.write, unnest(CASE
      WHEN s.kind = 'function' THEN '{EXECUTE}'::text[]
      WHEN s.kind = 'table' OR s.kind = 'default' AND s.name = 'TABLES' THEN every.tables
      WHEN s.kind = 'sequence' OR s.kind = 'default' AND s.name = 'SEQUENCES' THEN every.sequences
      WHEN s.kind = 'default' OR s.name = 'public' OR s.owner = grp.write OR s.owner IN (SELECT oid FROM writer)
        THEN '{USAGE,CREATE}'
      ELSE '{USAGE}' END)
  FROM securable s, grp, every
  WHERE s.kind IN ('schema', 'table', 'sequence', 'function')
     OR s.kind = 'default' AND s.schema IS NULL AND s.owner IN (SELECT oid FROM writer UNION SELECT write FROM grp)
),
actual AS MATERIALIZED (
  SELECT s.*, x.grantor, x.grantee, x.privilege_type AS privilege, x.is_grantable AS grantable
  FROM securable s, aclexplode(s.acl) x
),
foreign_to_spec AS MATERIALIZED (
  SELECT a.*, e.oid IS NOT NULL AS option_only
  FROM actual a
  LEFT JOIN expected e ON e.kind = a.kind AND e.oid = a.oid AND e.sub = a.sub AND e.name = a.name
    AND e.grantee = a.grantee AND e.privilege = a.privilege
  WHERE a.grantee <> a.owner AND a.grantee IN (SELECT oid FROM managed) AND (e.oid IS NULL OR a.grantable)
),
unexpected AS (
  SELECT * FROM foreign_to_spec
  UNION ALL
  -- A role of somebody else handed it on: a revoke by the owner reaches that only through the root's option.
  SELECT a.*, true FROM actual a
  WHERE a.grantable AND a.grantor = a.owner AND a.grantee <> a.owner
    AND a.grantee NOT IN (SELECT oid FROM managed)
    AND EXISTS (SELECT FROM foreign_to_spec f WHERE f.kind = a.kind AND f.oid = a.oid AND f.sub = a.sub
                AND f.name = a.name AND f.privilege = a.privilege AND f.grantor <> f.owner)
),
missing AS (
  SELECT e.* FROM expected e
  WHERE NOT EXISTS (SELECT FROM actual a WHERE a.kind = e.kind AND a.oid = e.oid AND a.sub = e.sub
                    AND a.name = e.name AND a.grantee = e.grantee AND a.privilege = e.privilege)
),
misowned AS (
  SELECT s.* FROM securable s, grp
  WHERE s.kind IN ('schema', 'table', 'sequence') AND s.owner <> grp.write
    AND s.owner IN (SELECT oid FROM managed) AND s.owner NOT IN (SELECT oid FROM writer)
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE s.kind = 'sequence' AND d.classid = 'pg_class'::regclass
                    AND d.objid = s.oid AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))
)`;

const DIFFERENCE = `'kind', kind, 'schema', schema, 'name', name, 'column', "column", 'creator', creator,
  'grantee', (SELECT rolname FROM pg_authid WHERE oid = grantee), 'privilege', privilege`;

const INSIDE_CATALOG = `WITH ${NAMES}, ${SECURABLES}, ${DIFFERENCES}
SELECT json_build_object(
  'extensions', (SELECT coalesce(json_agg(extname ORDER BY extname), '[]') FROM pg_extension
                 WHERE extname <> 'plpgsql'),
  'unexpected', (SELECT coalesce(json_agg(json_build_object(${DIFFERENCE}, 'optionOnly', option_only)), '[]')
                 FROM unexpected),
  'missing', (SELECT coalesce(json_agg(json_build_object(${DIFFERENCE}, 'optionOnly', false)), '[]')
              FROM missing),
  'misowned', (SELECT coalesce(json_agg(json_build_object('kind', kind, 'schema', schema, 'name', name)), '[]')
               FROM misowned)
) AS seen`;

export interface InsideQuestion {
  readonly databaseId: string;
  readonly writeLogins: readonly string[];
  readonly allLogins: readonly string[];
}

/** Looks inside a database whose three groups exist; `session` must be inside it. */
export async function readInsideCatalog(
  session: ClusterSession,
  question: InsideQuestion,
  signal: AbortSignal,
): Promise<InsideCatalog> {
  const roles = databaseRoles(question.databaseId);
  const [row] = await session.query<{ seen: InsideCatalog }>(
    INSIDE_CATALOG,
    [
      roles.read,
      roles.write,
      question.writeLogins,
      question.allLogins,
      GROUP_ROLE_PATTERN,
      LOGIN_COMMENT_PREFIX,
      LARGE_OBJECT_FUNCTIONS,
    ],
    signal,
  );
  if (row === undefined) throw new Error('A query that always gives one row gave none.');
  return row.seen;
}
