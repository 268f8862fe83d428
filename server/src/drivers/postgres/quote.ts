/** The only way by which a name or a value gets into the text of a statement. */
import { escapeIdentifier, escapeLiteral } from 'pg';

/** An SQL identifier, always in double quotes. */
export function ident(name: string): string {
  return escapeIdentifier(name);
}

/** A name inside a schema. */
export function qualified(schema: string, name: string): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
}

/** An SQL string literal, for utility statements, which take no parameters. */
export function literal(value: string): string {
  return escapeLiteral(value);
}
