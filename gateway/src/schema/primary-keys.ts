import type { CatalogConstraint } from './queries/keys.ts';
import type { ShownKeys } from './shown-keys.ts';

/**
 * The names of the columns of the primary key by relation. A view has those of every table whose key it shows as a
 * whole, each under the first name that it has there.
 */
export function findPrimaryKeys(
  constraints: readonly CatalogConstraint[],
  shownKeys: ShownKeys,
): ReadonlyMap<number, readonly string[]> {
  const primaryKeys = new Map<number, string[]>();
  for (const { kind, table, columns } of constraints) {
    if (kind !== 'p') continue;
    const done = new Set<number>();
    for (const { relation, columns: names } of shownKeys.list(table, columns)) {
      if (done.has(relation.id)) continue;
      done.add(relation.id);
      const known = primaryKeys.get(relation.id) ?? [];
      primaryKeys.set(relation.id, [...known, ...names.filter((name) => !known.includes(name))]);
    }
  }
  return primaryKeys;
}
