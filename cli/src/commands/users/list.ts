import { type Command, Option } from 'commander';
import { openContext } from '../../context.ts';
import { renderTable } from '../../output/table.ts';
import { listUsers } from './get-user.ts';
import { userColumns } from './render-user.ts';

interface ListOptions {
  readonly active?: boolean;
  readonly inactive?: boolean;
}

export function declareListUsers(users: Command): void {
  users
    .command('list')
    .alias('ls')
    .description('List the users of Backyard, newest first')
    .addOption(new Option('--active', 'only those who may sign in').conflicts('inactive'))
    .option('--inactive', 'only those who may not')
    .action(async ({ active, inactive }: ListOptions, command: Command) => {
      const { client, output } = await openContext(command);
      const wanted = active === true ? true : inactive === true ? false : undefined;
      const found = await output.waitFor('Listing users', listUsers(client, wanted));
      output.result({ users: found, total: found.length }, () =>
        found.length === 0 ? 'No such users.' : renderTable(userColumns, found, output.strong),
      );
    });
}
