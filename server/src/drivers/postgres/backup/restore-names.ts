/**
 * What the databases of a restore are called, computed from the database's id, so that what a crash leaves
 * can always be found. Two databases may share twelve digits, so the owner decides whose one is.
 */

/** Prefixes that no database of a person may have. */
const PREPARED_PREFIX = 'by_restore_';
const REPLACED_PREFIX = 'by_replaced_';

/** The database that a dump is being restored into. */
export function preparedName(databaseId: string): string {
  return PREPARED_PREFIX + firstDigits(databaseId);
}

/** The former database, after the names were changed and before it is dropped. */
export function replacedName(databaseId: string): string {
  return REPLACED_PREFIX + firstDigits(databaseId);
}

function firstDigits(databaseId: string): string {
  return databaseId.replaceAll('-', '').slice(0, 12);
}
