import type { Command } from 'commander';
import { openOutput } from '../../context.ts';
import { configPath, deleteLogin } from '../../credentials.ts';

export function declareLogout(program: Command): void {
  program
    .command('logout')
    .description('Forget the stored sign-in')
    .action(async (_options: unknown, command: Command) => {
      // The file goes unread, so that a damaged one can be removed too.
      await deleteLogin(configPath(process.env));
      openOutput(command).result(null, () => 'Signed out.');
    });
}
