/** Extensions that a dump needs: made by us, because a restore may not, and only harmless ones. */
import { type DatabaseTarget, databaseRoles } from '../../../domain/database.ts';
import { Fault } from '../../../kernel/fault.ts';
import type { ClusterPool } from '../cluster-pool.ts';
import { ident, literal } from '../quote.ts';
import type { ExtensionPlace } from './dump-contents.ts';

/** With everything that they would pull in by CASCADE. */
const NEEDED = `
WITH RECURSIVE needed (name) AS (
  SELECT unnest($1::name[])
  UNION
  SELECT required FROM needed n
  JOIN pg_available_extensions e ON e.name = n.name
  JOIN pg_available_extension_versions v ON v.name = e.name AND v.version = e.default_version
  CROSS JOIN unnest(v.requires) required
)
SELECT n.name::text AS name, v.name IS NOT NULL AS offered, coalesce(v.trusted, false) AS trusted
FROM needed n
LEFT JOIN pg_available_extensions e ON e.name = n.name
LEFT JOIN pg_available_extension_versions v ON v.name = e.name AND v.version = e.default_version`;

/** Always there, made with every database. */
const BUILT_IN = 'plpgsql';

/** Fault `backup.extension-not-allowed` unless the cluster offers each, and each is trusted or in `allowed`. */
export async function checkExtensions(
  pool: ClusterPool,
  names: readonly string[],
  allowed: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const rows = await pool.admin.query<{ name: string; offered: boolean; trusted: boolean }>(
    NEEDED,
    [names],
    signal,
  );
  for (const { name, offered, trusted } of rows) {
    if (!offered) {
      throw notAllowed(`The dump needs the extension "${name}", which this cluster does not offer.`);
    }
    if (name !== BUILT_IN && !trusted && !allowed.includes(name)) {
      throw notAllowed(`The dump needs the extension "${name}", which is neither trusted nor allowed here.`);
    }
  }
}

/** Makes them, while nobody but us can be inside. Their schemas belong to the write group. */
export async function installExtensions(
  pool: ClusterPool,
  target: DatabaseTarget,
  places: readonly ExtensionPlace[],
  signal: AbortSignal,
): Promise<void> {
  const { write } = databaseRoles(target.id);
  const own = places.filter((place) => place.name !== BUILT_IN);
  const statements = [
    `SELECT set_config('search_path', ${literal('public')}, true)`,
    ...extensionSchemas(own).map(
      (schema) => `CREATE SCHEMA IF NOT EXISTS ${ident(schema)} AUTHORIZATION ${ident(write)}`,
    ),
    ...own.map(({ name, schema }) => {
      const where = isSystemSchema(schema) ? '' : ` SCHEMA ${ident(schema)}`;
      return `CREATE EXTENSION IF NOT EXISTS ${ident(name)}${where} CASCADE`;
    }),
  ];
  await pool.inside(target.name).batch(statements, signal);
}

/** Schemas that must be there before the extensions, and which the dump must not make again. */
export function extensionSchemas(places: readonly ExtensionPlace[]): string[] {
  const schemas = new Set(places.map((place) => place.schema));
  return [...schemas].filter((schema) => schema !== 'public' && !isSystemSchema(schema));
}

/** Extensions that live there say so themselves. */
function isSystemSchema(schema: string): boolean {
  return schema.startsWith('pg_') || schema === 'information_schema';
}

function notAllowed(message: string): Fault {
  return new Fault('backup.extension-not-allowed', message);
}
