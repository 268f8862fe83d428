import type { Scope } from './scope.ts';

export interface CatalogRepresentation {
  readonly from: string;
  readonly to: string;
  readonly schema: string;
  readonly name: string;
}

/**
 * Implicit casts between domains and JSON or text. The server never takes them by itself, so whoever makes one means
 * the data representations of PostgREST.
 */
export function representationsSql(): string {
  return `
    SELECT format_type(k.castsource, NULL) AS "from", format_type(k.casttarget, NULL) AS "to",
      n.nspname AS schema, p.proname AS name
    FROM pg_cast k
    JOIN pg_type s ON s.oid = k.castsource
    JOIN pg_type t ON t.oid = k.casttarget
    JOIN pg_proc p ON p.oid = k.castfunc
    JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE k.castcontext = 'i' AND k.castmethod = 'f' AND has_function_privilege(k.castfunc, 'execute')
      AND (s.typtype = 'd' AND k.casttarget IN ('json'::regtype, 'text'::regtype)
        OR t.typtype = 'd' AND k.castsource IN ('json'::regtype, 'text'::regtype))
    ORDER BY 1, 2`;
}

export interface CatalogMediaConverter {
  readonly mediaType: string;
  readonly schema: string;
  readonly name: string;
  readonly isAggregate: boolean;
  /** `null`: it serves every one. */
  readonly targetSchema: string | null;
  readonly targetName: string | null;
}

/** Aggregates and functions that return a domain with the name of a media type. */
export function mediaConvertersSql({ exposed, searched }: Scope): string {
  return `
    WITH media AS (
      SELECT t.oid AS id, lower(t.typname) AS name FROM pg_type t
      WHERE t.typtype = 'd' AND (t.typname = '*/*' OR t.typname ~ '^[A-Za-z0-9.-]+/[A-Za-z0-9.+-]+$')
    )
    SELECT media.name AS "mediaType", n.nspname AS schema, p.proname AS name, p.prokind = 'a' AS "isAggregate",
      CASE WHEN p.prokind = 'f' THEN n.nspname ELSE tn.nspname END AS "targetSchema",
      CASE WHEN p.prokind = 'f' THEN p.proname ELSE target.relname END AS "targetName"
    FROM media
    JOIN pg_proc p ON p.prorettype = media.id AND p.prokind IN ('a', 'f') AND NOT p.proretset
    JOIN pg_namespace n ON n.oid = p.pronamespace
    LEFT JOIN pg_class target ON p.prokind = 'a' AND target.reltype = p.proargtypes[0]
    LEFT JOIN pg_namespace tn ON tn.oid = target.relnamespace
    WHERE p.prokind = 'f' AND n.nspname = ANY (${exposed})
      OR p.prokind = 'a' AND n.nspname = ANY (${searched}) AND p.pronargs = 1
        AND (target.oid IS NOT NULL OR p.proargtypes[0] = 'anyelement'::regtype)
    ORDER BY media.name, n.nspname, p.proname, p.oid`;
}

export interface CatalogServer {
  readonly version: number;
  /** Another one after every start of the server. */
  readonly identity: string;
}

export function serverSql(): string {
  return `
    SELECT current_setting('server_version_num')::int AS version,
      version() || ' ' || pg_postmaster_start_time()::text AS identity`;
}

export interface CatalogSchema {
  readonly name: string;
  readonly description: string;
}

export function schemasSql({ exposed }: Scope): string {
  return `
    SELECT n.nspname AS name, d.description
    FROM pg_namespace n
    JOIN pg_description d ON d.objoid = n.oid AND d.classoid = 'pg_catalog.pg_namespace'::regclass
    WHERE n.nspname = ANY (${exposed})`;
}
