import { type Column, renderPairs, renderTable } from '../../output/table.ts';
import { relativeTime } from '../../output/time.ts';
import type { PgUser } from './get-pg-user.ts';

const columns: readonly Column<PgUser>[] = [
  { title: 'USERNAME', cell: (user) => user.pg_username },
  { title: 'LEVEL', cell: (user) => user.permission_level },
  { title: 'STATUS', cell: (user) => user.status },
  { title: 'CREATED', cell: (user) => relativeTime(user.created_at) },
  { title: 'CONNECTION (without password)', cell: (user) => user.connection.uri },
];

/** The logins of a database, or how to make the first. */
export function renderPgUsers(
  users: readonly PgUser[],
  database: string,
  styleTitle: (text: string) => string,
): string {
  if (users.length > 0) return renderTable(columns, users, styleTitle);
  return `No logins yet. Create one: backyard pgusers create ${database} <username> --level write`;
}

/** A password that is shown this once, with the connection string that holds it on a line of its own. */
export function renderSecret(connection: { readonly uri: string; readonly password: string }): string {
  const password = renderPairs([['password', connection.password]]);
  return `${password}\n\n${connection.uri}\n\nThe password is shown only now. Keep it.`;
}
