import type { SchemaCache } from '../schema/schema-cache.ts';
import { typeNotFound } from './read-faults.ts';

const SAME_NAME = [
  ...['bigint', 'bit', 'bit varying', 'boolean', 'box', 'bytea', 'char', 'character', 'character varying'],
  ...['cidr', 'circle', 'date', 'datemultirange', 'daterange', 'double precision', 'inet', 'int4multirange'],
  ...['int4range', 'int8multirange', 'int8range', 'integer', 'interval', 'json', 'jsonb', 'jsonpath', 'line'],
  ...['lseg', 'macaddr', 'macaddr8', 'money', 'name', 'numeric', 'nummultirange', 'numrange', 'oid', 'path'],
  ...['pg_lsn', 'point', 'polygon', 'real', 'regclass', 'regconfig', 'regnamespace', 'regoper', 'regproc'],
  ...['regprocedure', 'regrole', 'regtype', 'smallint', 'text', 'tid', 'time', 'time with time zone'],
  ...['time without time zone', 'timestamp', 'timestamp with time zone', 'timestamp without time zone'],
  ...['timestamptz', 'timetz', 'tsmultirange', 'tsquery', 'tsrange', 'tstzmultirange', 'tstzrange'],
  ...['tsvector', 'uuid', 'varbit', 'varchar', 'xid', 'xml', 'bpchar', 'decimal', 'float'],
] as const;
const OTHER_NAME: readonly (readonly [string, string])[] = [
  ['bool', 'boolean'],
  ['dec', 'numeric'],
  ['float4', 'real'],
  ['float8', 'double precision'],
  ['int', 'integer'],
  ['int2', 'smallint'],
  ['int4', 'integer'],
  ['int8', 'bigint'],
];
/** What a request may say, and the SQL that is written for it: our text, never the request's. */
const BUILT_IN: ReadonlyMap<string, string> = new Map([
  ...SAME_NAME.map((name) => [name, name] as const),
  ...OTHER_NAME,
]);

export type CastTypes = (name: string) => string;

/**
 * Turns the type of a cast into SQL that is safe to write: a type of Postgres in our own spelling, or one that a column
 * or a function of the cache has, as the cache holds it (`format_type` quotes it). Types of the request's schema come
 * before those of others. Names are folded to lower case, as Postgres folds what is not quoted.
 * @throws RestFault 42704 for any other name.
 */
export function castTypes(cache: SchemaCache, schemas: readonly string[]): CastTypes {
  let own: ReadonlyMap<string, string> | null = null;
  return (name) => {
    const folded = name.toLowerCase().replaceAll(/\s+/g, ' ');
    const builtIn = BUILT_IN.get(folded);
    if (builtIn !== undefined) return builtIn;
    own ??= listOwnTypes(cache, schemas);
    const found = own.get(folded);
    if (found === undefined) throw typeNotFound(folded);
    return found;
  };
}

function listOwnTypes(cache: SchemaCache, schemas: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, { sql: string; rank: number }>();
  for (const sql of listTypeTexts(cache)) {
    const { schema, name } = readTypeName(sql);
    if (name === null) continue;
    const at = schema === null ? 0 : schemas.indexOf(schema);
    const rank = at < 0 ? schemas.length : at;
    const known = found.get(name);
    if (known === undefined || rank < known.rank) found.set(name, { sql, rank });
  }
  return new Map([...found].map(([name, { sql }]) => [name, sql]));
}

function listTypeTexts(cache: SchemaCache): ReadonlySet<string> {
  const texts = new Set<string>();
  for (const table of cache.tables.values()) {
    for (const column of table.columns.values()) texts.add(column.nominalType).add(column.type);
  }
  for (const routine of [...cache.routines.values()].flat()) {
    for (const parameter of routine.parameters) texts.add(parameter.type);
  }
  return texts;
}

const TYPE_NAME = /^(?:("(?:[^"]|"")+"|[^".([\s]+)\.)?("(?:[^"]|"")+"|[^".([\s]+)$/;

/** `api."Weird Type"` → its parts; `name: null` for what is more than a name: an array, a type with modifiers. */
export function readTypeName(sql: string): { readonly schema: string | null; readonly name: string | null } {
  const match = TYPE_NAME.exec(sql);
  return { schema: unquote(match?.[1]), name: unquote(match?.[2]) };
}

function unquote(part: string | undefined): string | null {
  if (part === undefined) return null;
  return part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part;
}
