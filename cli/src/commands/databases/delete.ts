import type { Command } from 'commander';
import { openContext } from '../../context.ts';
import { confirmName } from '../../prompts.ts';
import { getDatabase } from './get-database.ts';
import { renderStatus } from './render-database.ts';

export function declareDeleteDatabase(databases: Command): void {
  databases
    .command('delete')
    .alias('rm')
    .description('Close a database; its data stays until it is purged')
    .argument('<database>', 'name or id')
    .option('-y, --yes', 'do not ask')
    .action(async (reference: string, options: { yes?: boolean }, command: Command) => {
      const { client, output } = await openContext(command);
      const { database_id, pg_database_name: name } = await getDatabase(client, reference);
      await confirmName('delete', 'database', name, options.yes === true);
      const answer = await output.waitFor(
        `Deleting database ${name}`,
        client.call('database.delete', { params: { database_id } }),
      );
      output.result(answer, () => `${answer.message}: ${name}, now ${renderStatus(answer.database)}.`);
      output.note(`To open it again: backyard databases undelete ${name}`);
    });
}
