import type { Command } from 'commander';
import { openContext } from '../../context.ts';
import { renderPairs } from '../../output/table.ts';
import { databaseFacts } from './render-database.ts';

export function declareCreateDatabase(databases: Command): void {
  databases
    .command('create')
    .description('Create a database; done when it can be used')
    .argument('<name>', '3 to 63 of a-z 0-9 _ -')
    .action(async (name: string, _options: unknown, command: Command) => {
      const { client, output } = await openContext(command);
      const database = await output.waitFor(
        `Creating database ${name}`,
        client.call('database.create', { body: { name } }),
      );
      const created = database.pg_database_name;
      output.result(
        database,
        () => `Created database ${output.strong(created)}.\n${renderPairs(databaseFacts(database))}`,
      );
      output.note(`Next, a login: backyard pgusers create ${created} <username> --level write`);
    });
}
