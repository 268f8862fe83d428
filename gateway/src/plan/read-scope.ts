import type { TenantSettings } from '../config/settings.ts';
import type { QualifiedName, SchemaCache, Table } from '../schema/schema-cache.ts';
import { type CastTypes, castTypes } from './cast-type.ts';

/** What planning one request needs everywhere. */
export interface ReadContext {
  readonly cache: SchemaCache;
  readonly settings: TenantSettings;
  /** The exposed schema of the request. */
  readonly schema: string;
  readonly castType: CastTypes;
  /** A name for rows that no other rows of the plan have. */
  readonly takeAlias: (wanted: string, depth: number) => string;
  /** Limits do not count for what a mutation returned, nor does `db-max-rows`. */
  readonly isLimited: boolean;
}

/** The rows whose fields are meant. */
export interface ReadScope {
  readonly context: ReadContext;
  readonly alias: string;
  /** How many resources stand around this one; absent: none. */
  readonly depth?: number;
  /** The table or type that the rows are of. */
  readonly relation: QualifiedName;
  /** `null`: the cache does not know the columns, as of a function with OUT parameters. */
  readonly table: Table | null;
  /** The rows come from what a mutation or a call returned, so they are no rows of the table to Postgres. */
  readonly isSource: boolean;
}

export function createReadContext(
  cache: SchemaCache,
  settings: TenantSettings,
  schema: string,
  isLimited: boolean,
  rootAlias = '',
): ReadContext {
  return {
    cache,
    settings,
    schema,
    castType: castTypes(cache, [schema, ...settings.dbExtraSearchPath]),
    takeAlias: aliasTaker(rootAlias),
    isLimited,
  };
}

/** An identifier holds 63 bytes, and rendering appends to an alias (`rowsName`). */
const LONGEST_ALIAS_BYTES = 48;

/**
 * Named as PostgREST names them, by the depth, since messages of Postgres show it; a number more where that is taken.
 * The root is called like its table, whatever that is called.
 */
function aliasTaker(root: string): ReadContext['takeAlias'] {
  const taken = new Set([root]);
  return (wanted, depth) => {
    const isShort = Buffer.byteLength(wanted) <= LONGEST_ALIAS_BYTES;
    const base = `${isShort ? wanted : 'rows'}_${depth}`;
    let alias = base;
    for (let more = 2; taken.has(alias) || rowsName(alias) === root; more += 1) alias = `${base}_${more}`;
    taken.add(alias);
    return alias;
  };
}

/** What the parent calls the rows of an embedded resource; never an alias, for those end in a number. */
export function rowsName(alias: string): string {
  return `${alias}_rows`;
}
