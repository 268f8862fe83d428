import type { Command } from 'commander';
import { openContext } from '../../context.ts';
import { getDatabase } from '../databases/get-database.ts';
import { renderPgUsers } from './render-pg-users.ts';

export function declareListPgUsers(pgusers: Command): void {
  pgusers
    .command('list')
    .alias('ls')
    .description('List the logins of a database, newest first')
    .argument('<database>', 'name or id')
    .action(async (reference: string, _options: unknown, command: Command) => {
      const { client, output } = await openContext(command);
      const { database_id, pg_database_name: name } = await getDatabase(client, reference);
      const found = await output.waitFor(
        'Listing users',
        client.call('pg-user.list', { params: { database_id } }),
      );
      output.result(found, () => renderPgUsers(found, name, output.strong));
    });
}
