/** What really stands in the cluster for one database or one login: read from the catalogs, as sorted text. */
import { run } from './cluster-access.ts';

const SHARED = `
SELECT 'database ' || datname || ' of ' || pg_get_userbyid(datdba) || ' ' || datallowconn || ' ' || datconnlimit
       || ' ' || datistemplate || ' ' || pg_encoding_to_char(encoding) AS line
FROM pg_database WHERE datname = $1
UNION ALL
SELECT 'database grant ' || x.grantee::regrole || ' ' || x.privilege_type || ' ' || x.is_grantable
FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) x
WHERE d.datname = $1 AND x.grantee <> d.datdba
UNION ALL
SELECT 'role ' || (to_jsonb(a) - 'oid' - 'rolvaliduntil')::text || coalesce(nullif(a.rolvaliduntil, 'infinity')::text, '')
       || coalesce(' ' || shobj_description(a.oid, 'pg_authid'), '')
FROM pg_authid a WHERE a.rolname = ANY ($2)
UNION ALL
SELECT 'member ' || m.member::regrole || ' of ' || m.roleid::regrole || ' ' || (to_jsonb(m) - 'oid' - 'roleid' - 'member')::text
FROM pg_auth_members m
WHERE m.member::regrole::text = ANY ($2) OR m.roleid::regrole::text = ANY ($2)
UNION ALL
SELECT 'settings ' || s.setrole::regrole || ' in ' || coalesce(d.datname, '*') || ' ' || s.setconfig::text
FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase
WHERE s.setrole::regrole::text = ANY ($2) OR s.setrole = 0 AND d.datname = $1
ORDER BY line`;

const INSIDE = `
SELECT 'schema ' || n.nspname || ' of ' || n.nspowner::regrole || ': ' || x.grantee::regrole || ' ' || x.privilege_type
       || ' ' || x.is_grantable AS line
FROM pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) x
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
UNION ALL
SELECT 'relation ' || c.oid::regclass || ' of ' || c.relowner::regrole || ': ' || x.grantee::regrole || ' '
       || x.privilege_type || ' ' || x.is_grantable
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
     aclexplode(coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))) x
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
UNION ALL
SELECT 'column ' || a.attrelid::regclass || ' ' || a.attname || ' ' || a.attacl::text
FROM pg_attribute a WHERE a.attacl IS NOT NULL AND a.attacl <> '{}' AND a.attrelid >= 16384
UNION ALL
SELECT 'default ' || d.defaclrole::regrole || ' ' || d.defaclnamespace::regnamespace || ' ' || d.defaclobjtype::text || ': '
       || x.grantee::regrole || ' ' || x.privilege_type || ' ' || x.is_grantable
FROM pg_default_acl d, aclexplode(d.defaclacl) x
UNION ALL
SELECT 'function ' || p.oid::regprocedure || ': ' || x.grantee::regrole
FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ '^lo_?(write|creat|create|from|put|unlink|truncate)'
UNION ALL
SELECT 'extension ' || extname FROM pg_extension
ORDER BY line`;

/** Lines about a database, its access list, and the named roles. */
export async function traceShared(
  dsn: string,
  databaseName: string,
  roles: readonly string[],
): Promise<string[]> {
  const names = `ARRAY[${roles.map(quote).join(', ')}]::text[]`;
  const text = SHARED.replaceAll('$1', quote(databaseName)).replaceAll('$2', names);
  return (await run<{ line: string }>(dsn, {}, text)).map((row) => row.line);
}

/** Lines about everything with an access list inside a database; of one that lets nobody in just the reason. */
export async function traceInside(dsn: string, databaseName: string): Promise<string[]> {
  try {
    return (await run<{ line: string }>(dsn, { database: databaseName }, INSIDE)).map((row) => row.line);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (['55000', '3D000'].includes(code)) return [code];
    throw error;
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
