import { randomInt } from 'node:crypto';
import { constants } from 'node:os';
import type { Answer } from '../../client.ts';
import type { Context } from '../../context.ts';
import { exitCodes } from '../../exit-codes.ts';
import { Failure } from '../../failure.ts';
import { runPsql } from './run-psql.ts';
import type { Signals } from './signals.ts';

/** Runs psql as a write login made for it, which is removed again however psql ends. Gives the exit code. */
export async function withTemporaryUser(
  context: Context,
  databaseId: string,
  signals: Signals,
  psqlArguments: readonly string[],
): Promise<number> {
  const user = await createUser(context, databaseId);
  try {
    const interrupted = signals.received();
    if (interrupted !== undefined) return 128 + constants.signals[interrupted];
    const { uri, password } = user.connection;
    context.output.note(`Connected as ${user.connection.user}, which is removed when psql ends.`);
    return await runPsql({ uri: withoutPassword(uri), password, psqlArguments, signals });
  } finally {
    await deleteUser(context, user);
  }
}

async function createUser(
  { client, output }: Context,
  databaseId: string,
): Promise<Answer<'pg-user.create'>> {
  const username = temporaryName();
  const body = { username, permission_level: 'write' } as const;
  try {
    const work = client.call('pg-user.create', { params: { database_id: databaseId }, body });
    return await output.waitFor('Creating a temporary login', work);
  } catch (error) {
    if (!(error instanceof Failure) || error.exitCode !== exitCodes.unreachable) throw error;
    throw new Failure(error.exitCode, `${error.message} The temporary login ${username} may exist.`);
  }
}

async function deleteUser({ client, output }: Context, user: Answer<'pg-user.create'>): Promise<void> {
  const { managed_database_id: database_id, pg_user_id, pg_username: name } = user;
  try {
    const work = client.call('pg-user.delete', { params: { database_id, pg_user_id } });
    await output.waitFor('Removing the temporary login', work);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw new Failure(
      error.exitCode,
      `the temporary login ${name} is still there: ${error.message} ` +
        `Remove it with: backyard pgusers delete ${user.connection.database} ${name}`,
    );
  }
}

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** `cli_` and six random characters, so that a forgotten one tells where it came from. */
export function temporaryName(): string {
  return `cli_${Array.from({ length: 6 }, () => letters[randomInt(letters.length)]).join('')}`;
}

export function withoutPassword(uri: string): string {
  const url = new URL(uri);
  url.password = '';
  return url.href;
}
