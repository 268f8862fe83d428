import { BASE_TYPES } from './relations.ts';
import type { Scope } from './scope.ts';

export interface CatalogParameter {
  readonly name: string;
  readonly type: string;
  readonly isRequired: boolean;
  readonly isVariadic: boolean;
}

export interface CatalogRoutine {
  readonly schema: string;
  readonly name: string;
  readonly description: string | null;
  /** `null`: it takes none. */
  readonly parameters: readonly CatalogParameter[] | null;
  readonly isSet: boolean;
  readonly returnKind: 'composite' | 'scalar' | 'void';
  readonly returnSchema: string;
  readonly returnName: string;
  readonly isRecord: boolean;
  readonly volatility: 'i' | 's' | 'v';
  readonly hasVariadic: boolean;
  /** `name=value` each. */
  readonly settings: readonly string[] | null;
}

/**
 * Functions of the exposed schemas that a request can call: all parameters have names, or the only one has none and
 * is of a type that takes a whole body.
 */
export function routinesSql({ exposed }: Scope): string {
  return `
    WITH RECURSIVE ${BASE_TYPES}
    SELECT n.nspname AS schema, p.proname AS name, d.description, arguments.list AS parameters, p.proretset AS "isSet",
      CASE WHEN p.prorettype = 'void'::regtype THEN 'void'
           WHEN arguments.has_out OR r.typtype = 'c' THEN 'composite'
           ELSE 'scalar' END AS "returnKind",
      rn.nspname AS "returnSchema", r.typname AS "returnName",
      arguments.has_out OR p.prorettype = 'record'::regtype AS "isRecord",
      p.provolatile AS volatility, p.provariadic <> 0 AS "hasVariadic", p.proconfig AS settings
    FROM pg_namespace n
    JOIN pg_proc p ON p.pronamespace = n.oid AND p.prokind = 'f'
      AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
    LEFT JOIN base_types b ON b.id = p.prorettype
    JOIN pg_type r ON r.oid = CASE WHEN (SELECT t.typtype FROM pg_type t WHERE t.oid = b.base) = 'c' THEN b.base
                                   ELSE p.prorettype END
    JOIN pg_namespace rn ON rn.oid = r.typnamespace
    LEFT JOIN pg_description d ON d.objoid = p.oid AND d.classoid = 'pg_catalog.pg_proc'::regclass AND d.objsubid = 0
    ${ARGUMENTS}
    WHERE n.nspname = ANY (${exposed}) AND arguments.is_callable
    ORDER BY n.nspname, p.proname, p.pronargs, p.oid`;
}

/**
 * A cast to `character` or `bit` cuts the value down to one place, which a parameter of that type does not, so
 * these are given as their varying kin.
 */
const ARGUMENTS = `
    CROSS JOIN LATERAL (
      SELECT
        json_agg(json_build_object(
          'name', coalesce(a.name, ''),
          'type', CASE format_type(a.type, NULL)
            WHEN 'character' THEN 'character varying'
            WHEN 'character[]' THEN 'character varying[]'
            WHEN 'bit' THEN 'bit varying'
            WHEN 'bit[]' THEN 'bit varying[]'
            ELSE format_type(a.type, NULL) END,
          'isRequired', a.place <= p.pronargs - p.pronargdefaults,
          'isVariadic', a.mode = 'v'
        ) ORDER BY a.place) FILTER (WHERE a.mode IN ('i', 'b', 'v')) AS list,
        coalesce(bool_or(a.mode IN ('o', 'b', 't')), false) AS has_out,
        coalesce(bool_and(a.name <> '') FILTER (WHERE a.mode IN ('i', 'b', 'v')), true)
          OR p.pronargs = 1 AND p.provariadic = 0 AND p.proargtypes[0] IN
            ('json'::regtype, 'jsonb'::regtype, 'text'::regtype, 'bytea'::regtype, 'xml'::regtype) AS is_callable
      FROM (
        SELECT u.name, u.type, u.mode,
          count(*) FILTER (WHERE u.mode IN ('i', 'b', 'v')) OVER (ORDER BY u.n) AS place
        FROM (
          SELECT n, coalesce(p.proargnames[n], '') AS name, coalesce(p.proargmodes[n], 'i') AS mode,
            coalesce(p.proallargtypes[n], p.proargtypes[n - 1]) AS type
          FROM generate_series(1, coalesce(cardinality(p.proallargtypes), p.pronargs)) n
        ) u
      ) a
    ) arguments`;
