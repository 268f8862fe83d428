import type { Scope } from './scope.ts';

export interface CatalogConstraint {
  readonly name: string;
  /** Primary, unique or foreign key. */
  readonly kind: 'f' | 'p' | 'u';
  readonly table: number;
  /** Numbers of columns, in the order of the declaration. */
  readonly columns: readonly number[];
  /** Of a foreign key: what it references; 0 and `null` of others. */
  readonly farTable: number;
  readonly farColumns: readonly number[] | null;
}

/**
 * Keys of all schemas, since an exposed view may show those of a table that is not exposed. What partitions have
 * from their root is left out.
 */
export function constraintsSql(): string {
  return `
    SELECT k.conname AS name, k.contype AS kind, k.conrelid::int8 AS "table", k.conkey AS columns,
      k.confrelid::int8 AS "farTable", k.confkey AS "farColumns"
    FROM pg_constraint k
    WHERE k.contype IN ('p', 'u', 'f') AND k.conparentid = 0
      AND k.connamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    ORDER BY k.conname, k.oid`;
}

export interface CatalogViewRule {
  readonly id: string;
  /** The query of the view as a node tree. */
  readonly rule: string;
}

/** Not as JSON: the trees are long, and to escape them twice takes most of the time. */
export function viewRulesSql({ searched }: Scope): string {
  return `
    SELECT c.oid::text AS id, r.ev_action::text AS rule
    FROM pg_rewrite r
    JOIN pg_class c ON c.oid = r.ev_class AND c.relkind IN ('v', 'm')
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE r.rulename = '_RETURN' AND n.nspname = ANY (${searched})`;
}

export interface CatalogRowFunction {
  readonly schema: string;
  readonly name: string;
  /** The relation whose row it takes. */
  readonly near: number;
  /** The relation whose rows it returns; 0: none. */
  readonly far: number;
  readonly isToOne: boolean;
  readonly type: string;
  readonly isSet: boolean;
  /** Postgres finds it by attribute notation, given that its schema is in the search path. */
  readonly isSearched: boolean;
}

/** Functions of one row of an exposed relation: computed relationships and computed fields. */
export function rowFunctionsSql({ exposed, searched }: Scope): string {
  return `
    SELECT fn.nspname AS schema, p.proname AS name, near.oid::int8 AS near, coalesce(far.oid, 0)::int8 AS far,
      NOT p.proretset OR p.prorows = 1 AS "isToOne", format_type(p.prorettype, NULL) AS type,
      p.proretset AS "isSet", fn.nspname = ANY (${searched}) AS "isSearched"
    FROM pg_namespace nn
    JOIN pg_class near ON near.relnamespace = nn.oid AND near.relkind IN ('r', 'p', 'v', 'm', 'f')
    JOIN pg_proc p ON p.proargtypes[0] = near.reltype AND p.pronargs = 1 AND p.prokind = 'f'
    JOIN pg_namespace fn ON fn.oid = p.pronamespace
    JOIN pg_type r ON r.oid = p.prorettype
    LEFT JOIN pg_class far ON far.oid = r.typrelid AND far.relkind IN ('r', 'p', 'v', 'm', 'f')
    WHERE nn.nspname = ANY (${exposed})
    ORDER BY fn.nspname, p.proname, near.oid`;
}
