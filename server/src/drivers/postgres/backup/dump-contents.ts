/**
 * Reads what `pg_restore --list` prints. Which entries stay out is a matter of what works, not of safety:
 * a dump can call an entry what it likes, and only the login that restores it keeps it in bounds.
 */

export interface DumpContents {
  /** The entries to restore, as `--use-list` reads them. */
  readonly list: string;
  /** Only the entries of extensions, in the same form. */
  readonly extensionList: string;
  readonly extensions: readonly string[];
}

/** Where the dump had an extension. */
export interface ExtensionPlace {
  readonly name: string;
  readonly schema: string;
}

/** `id; class oid KIND schema name owner`; what has no schema has `-`. */
const ENTRY = /^\d+; \d+ \d+ /;
const EXTENSION = / EXTENSION - (.*)$/;
const LEFT_OUT = [
  /^EXTENSION - /,
  /^COMMENT - EXTENSION /,
  /^SCHEMA - public(?: |$)/,
  /^COMMENT - SCHEMA public(?: |$)/,
  /^ACL /,
  /^DEFAULT ACL /,
  /^DATABASE /,
  /^DATABASE PROPERTIES /,
  /^COMMENT - DATABASE /,
  /^PROCEDURAL LANGUAGE - plpgsql(?: |$)/,
  /^COMMENT - (?:PROCEDURAL )?LANGUAGE plpgsql(?: |$)/,
];

const NAME = '("(?:[^"]|"")+"|[a-z_][a-z0-9_$]*)';
const CREATE_EXTENSION = new RegExp(`^CREATE EXTENSION IF NOT EXISTS ${NAME} WITH SCHEMA ${NAME};$`, 'gm');

/** Sorts the entries into those to restore, and extensions. */
export function readDumpContents(listing: string): DumpContents {
  const entries = listing.split('\n').filter((line) => ENTRY.test(line));
  const extensions = entries.filter((line) => EXTENSION.test(line) && leftOut(line));
  return {
    list: joinLines(entries.filter((line) => !leftOut(line))),
    extensionList: joinLines(extensions),
    extensions: extensions.map((line) => EXTENSION.exec(line)?.[1]?.trim() ?? ''),
  };
}

/** `list` without the entries that make these schemas. */
export function withoutSchemas(list: string, schemas: readonly string[]): string {
  const prefixes = schemas.map((schema) => `SCHEMA - ${schema} `);
  const made = (line: string): boolean => prefixes.some((prefix) => `${what(line)} `.startsWith(prefix));
  return joinLines(list.split('\n').filter((line) => line !== '' && !made(line)));
}

/** The schemas of extensions, from the statements that the dump has for them; `public` when it says nothing. */
export function readExtensionPlaces(script: string, names: readonly string[]): ExtensionPlace[] {
  const schemas = new Map<string, string>();
  for (const [, name = '', schema = ''] of script.matchAll(CREATE_EXTENSION)) {
    schemas.set(unquote(name), unquote(schema));
  }
  return names.map((name) => ({ name, schema: schemas.get(name) ?? 'public' }));
}

function leftOut(line: string): boolean {
  return LEFT_OUT.some((pattern) => pattern.test(what(line)));
}

function what(line: string): string {
  return line.replace(ENTRY, '');
}

function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}

function joinLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
