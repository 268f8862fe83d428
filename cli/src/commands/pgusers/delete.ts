import type { Command } from 'commander';
import { openContext } from '../../context.ts';
import { confirmName } from '../../prompts.ts';
import { getDatabase } from '../databases/get-database.ts';
import { getPgUser } from './get-pg-user.ts';

export function declareDeletePgUser(pgusers: Command): void {
  pgusers
    .command('delete')
    .alias('rm')
    .description('Remove a login of a database; what it made stays')
    .argument('<database>', 'name or id')
    .argument('<user>', 'username or id')
    .option('-y, --yes', 'do not ask')
    .action(async (reference: string, username: string, options: { yes?: boolean }, command: Command) => {
      const { client, output } = await openContext(command);
      const { database_id, pg_database_name } = await getDatabase(client, reference);
      const { pg_user_id, pg_username } = await getPgUser(client, database_id, username);
      await confirmName('delete', 'user', pg_username, options.yes === true);
      const answer = await output.waitFor(
        `Deleting user ${pg_username}`,
        client.call('pg-user.delete', { params: { database_id, pg_user_id } }),
      );
      output.result(answer, () => `Deleted user ${pg_username} of ${pg_database_name}.`);
    });
}
