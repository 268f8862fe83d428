/** Which names people may give to databases and logins: pgweb contract, section 3. */

const DATABASE = /^[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]$/;
const LOGIN = /^[a-z][a-z0-9_]{2,62}$/;
// Unicode look-alikes must not fold into ASCII before they are judged (the Kelvin sign lower-cases to k).
const ASCII = /^[\x20-\x7e\t\r\n]*$/;

/** Words that poolers and pg_hba.conf read as something else than a database's name. */
const TAKEN_BY_POSTGRES = new Set(['all', 'sameuser', 'samerole', 'samegroup', 'replication', 'pgbouncer']);

function fold(text: string): string | undefined {
  return ASCII.test(text) ? text.trim().toLowerCase() : undefined;
}

/** The name as it is stored, or `undefined` when it breaks the rule. */
export function parseDatabaseName(text: string): string | undefined {
  const name = fold(text);
  if (name === undefined || !DATABASE.test(name)) return undefined;
  return name.startsWith('pg_') || name.startsWith('postgres') ? undefined : name;
}

/** True for well-formed names that nobody can have. */
export function isTakenByPostgres(databaseName: string): boolean {
  return TAKEN_BY_POSTGRES.has(databaseName);
}

/** The user name as it is stored, or `undefined` when it breaks the rule. */
export function parsePgUsername(text: string): string | undefined {
  const name = fold(text);
  return name === undefined || !LOGIN.test(name) || name.startsWith('pg_') ? undefined : name;
}
