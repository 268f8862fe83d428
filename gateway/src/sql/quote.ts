/** The only place where names become SQL; texts never do, they are parameters. */
import pg from 'pg';
import { RestFault } from '../fault.ts';
import type { QualifiedName } from '../schema/schema-cache.ts';

/**
 * One identifier in double quotes.
 * @throws RestFault 22021 where the name holds a NUL: the wire protocol would end the statement there.
 */
export function quoteIdentifier(name: string): string {
  if (name.includes('\0')) {
    throw new RestFault(400, '22021', 'invalid byte sequence for encoding "UTF8": 0x00');
  }
  return pg.escapeIdentifier(name);
}

/** `"schema"."name"`. */
export function quoteQualified({ schema, name }: QualifiedName): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** `"alias"."column"`. */
export function quoteColumn(alias: string, column: string): string {
  return `${quoteIdentifier(alias)}.${quoteIdentifier(column)}`;
}

/** `{"a","b"}`: an array literal of texts, that Postgres reads as an array of whatever type it needs. */
export function arrayLiteral(elements: readonly string[]): string {
  return `{${elements.map((element) => `"${element.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`;
}
