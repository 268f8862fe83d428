import type { Command } from 'commander';
import { openContext } from '../../context.ts';
import { getUser } from './get-user.ts';
import { renderUser } from './render-user.ts';

export function declareShowUser(users: Command): void {
  users
    .command('show')
    .description('Show a user')
    .argument('<user>', 'name or id')
    .action(async (reference: string, _options: unknown, command: Command) => {
      const { client, output } = await openContext(command);
      const user = await output.waitFor('Looking', getUser(client, reference));
      output.result(user, () => `${output.strong(user.username)}\n${renderUser(user)}`);
    });
}
