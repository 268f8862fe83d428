import type { Answer, Client } from '../../client.ts';
import { exitCodes } from '../../exit-codes.ts';
import { Failure } from '../../failure.ts';
import { getByReference, type Naming } from '../../reference.ts';

export type Database = Answer<'database.list'>[number];

const naming: Naming<Database> = {
  kind: 'database',
  id: (database) => database.database_id,
  name: (database) => database.pg_database_name,
};

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Own databases by name or id; by id also foreign ones, which the server shows to administrators. */
export async function getDatabase(client: Client, reference: string): Promise<Database> {
  const databases = await client.call('database.list', {});
  try {
    return getByReference(naming, databases, reference);
  } catch (error) {
    const isAbsent = error instanceof Failure && error.exitCode === exitCodes.notFound;
    if (!isAbsent || !uuid.test(reference)) throw error;
    return await client.call('database.get', { params: { database_id: reference } });
  }
}
