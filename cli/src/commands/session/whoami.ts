import type { Command } from 'commander';
import { openContext } from '../../context.ts';

export function declareWhoami(program: Command): void {
  program
    .command('whoami')
    .description('Show who is signed in, and where')
    .action(async (_options: unknown, command: Command) => {
      const { baseUrl, client, output } = await openContext(command);
      const user = await output.waitFor('Asking', client.call('identity.current-user', {}));
      const role = user.is_admin ? ', administrator' : '';
      output.result(user, () => `${output.strong(user.username)}${role}, on ${baseUrl}`);
    });
}
