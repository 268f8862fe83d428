import type { Command } from 'commander';
import { openContext } from '../../context.ts';
import { confirmName } from '../../prompts.ts';
import { getUser } from './get-user.ts';

export function declareDeactivateUser(users: Command): void {
  users
    .command('deactivate')
    .description('Shut a user out at once; what they own stays')
    .argument('<user>', 'name or id')
    .option('-y, --yes', 'do not ask')
    .action(async (reference: string, options: { yes?: boolean }, command: Command) => {
      const { client, output } = await openContext(command);
      const { id, username } = await getUser(client, reference);
      await confirmName('deactivate', 'user', username, options.yes === true);
      const answer = await output.waitFor(
        `Deactivating ${username}`,
        client.call('user.deactivate', { params: { user_id: String(id) } }),
      );
      output.result(answer, () => `Deactivated user ${username} (${id}).`);
      output.note(`To let them in again: backyard users update ${username} --active`);
    });
}
