import type { Command } from 'commander';
import { openContext } from '../../context.ts';
import { getDatabase } from './get-database.ts';

export function declareUndeleteDatabase(databases: Command): void {
  databases
    .command('undelete')
    .description('Open a deleted database again; its logins work as before')
    .argument('<database>', 'name or id')
    .action(async (reference: string, _options: unknown, command: Command) => {
      const { client, output } = await openContext(command);
      const { database_id, pg_database_name: name } = await getDatabase(client, reference);
      const answer = await output.waitFor(
        `Restoring database ${name}`,
        client.call('database.undelete', { params: { database_id } }),
      );
      output.result(answer, () => `${answer.message}: ${name}, now ${answer.database.status}.`);
    });
}
