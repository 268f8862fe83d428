import type { Scope } from './scope.ts';

/** A tuple, since objects of thousands of columns cost the server twice the time. */
export type CatalogColumn = readonly [
  number: number,
  name: string,
  description: string | null,
  type: string,
  nominalType: string,
  isNullable: boolean,
  isGenerated: boolean,
  defaultExpression: string | null,
  maxLength: number | null,
  enumValues: readonly string[] | null,
  isCompositeOrArray: boolean,
];

export interface CatalogRelation {
  readonly id: number;
  readonly schema: string;
  readonly name: string;
  readonly description: string | null;
  readonly isView: boolean;
  /** As `pg_relation_is_updatable`: 4 update, 8 insert, 16 delete. */
  readonly writes: number;
  /** `null`: it has none. */
  readonly columns: readonly CatalogColumn[] | null;
}

/**
 * Tables, views, materialised views and foreign tables of the exposed schemas; of partitioned tables the root only,
 * since their partitions would make every embedding ambiguous.
 */
export function relationsSql({ exposed }: Scope): string {
  return `
    WITH RECURSIVE ${BASE_TYPES}, ${columns(exposed)}
    SELECT c.oid::int8 AS id, n.nspname AS schema, c.relname AS name, d.description,
      c.relkind IN ('v', 'm') AS "isView",
      CASE WHEN c.relkind IN ('r', 'p') THEN 28
           WHEN c.relkind IN ('v', 'f') THEN pg_relation_is_updatable(c.oid, true)
           ELSE 0 END AS writes,
      columns.list AS columns
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN columns ON columns.id = c.oid
    LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objsubid = 0
    WHERE n.nspname = ANY (${exposed}) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
    ORDER BY n.nspname, c.relname`;
}

/** Domains with what they stand for in the end, and the modifier on the way. */
export const BASE_TYPES = `
  steps (id, base, modifier) AS (
    SELECT t.oid, t.typbasetype, t.typtypmod FROM pg_type t WHERE t.typtype = 'd'
    UNION ALL
    SELECT s.id, t.typbasetype, greatest(s.modifier, t.typtypmod)
    FROM steps s JOIN pg_type t ON t.oid = s.base AND t.typtype = 'd'
  ),
  base_types AS (
    SELECT s.id, s.base, s.modifier FROM steps s JOIN pg_type t ON t.oid = s.base AND t.typtype <> 'd'
  )`;

function columns(exposed: string): string {
  return `
  columns AS (
    SELECT a.attrelid AS id, json_agg(json_build_array(
      a.attnum,
      a.attname,
      d.description,
      format_type(t.oid, NULL),
      format_type(a.atttypid, a.atttypmod),
      NOT (a.attnotnull OR own.typtype = 'd' AND own.typnotnull),
      a.attgenerated <> '' OR a.attidentity = 'a',
      CASE
        WHEN a.attgenerated <> '' OR a.attidentity = 'a' THEN NULL
        WHEN a.attidentity = 'd' THEN
          (SELECT format('nextval(%L)', s.objid::regclass) FROM pg_depend s
           WHERE s.refclassid = 'pg_class'::regclass AND s.refobjid = a.attrelid AND s.refobjsubid = a.attnum
             AND s.classid = 'pg_class'::regclass AND s.deptype = 'i')
        ELSE coalesce(pg_get_expr(ad.adbin, ad.adrelid), pg_get_expr(own.typdefaultbin, 0)) END,
      CASE
        WHEN coalesce(b.modifier, a.atttypmod) = -1 THEN NULL
        WHEN t.oid IN ('bpchar'::regtype, 'varchar'::regtype) THEN coalesce(b.modifier, a.atttypmod) - 4
        WHEN t.oid IN ('bit'::regtype, 'varbit'::regtype) THEN coalesce(b.modifier, a.atttypmod) END,
      CASE WHEN t.typtype = 'e' THEN
        (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid) END,
      t.typtype = 'c' OR t.typcategory = 'A'
    ) ORDER BY a.attnum) AS list
    FROM pg_namespace n
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type own ON own.oid = a.atttypid
    LEFT JOIN base_types b ON b.id = a.atttypid
    JOIN pg_type t ON t.oid = coalesce(b.base, a.atttypid)
    LEFT JOIN pg_attrdef ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
    LEFT JOIN pg_description d
      ON d.objoid = a.attrelid AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objsubid = a.attnum
    WHERE n.nspname = ANY (${exposed})
    GROUP BY a.attrelid
  )`;
}
