import type { Answer, Client } from '../../client.ts';
import { getByReference, type Naming } from '../../reference.ts';

export type PgUser = Answer<'pg-user.list'>[number];

const naming: Naming<PgUser> = {
  kind: 'user',
  id: (user) => user.pg_user_id,
  name: (user) => user.pg_username,
};

/** A login of the database by name or id; faults with exit code 4. */
export async function getPgUser(client: Client, databaseId: string, reference: string): Promise<PgUser> {
  const users = await client.call('pg-user.list', { params: { database_id: databaseId } });
  return getByReference(naming, users, reference);
}
