import type { Command } from 'commander';
import { openContext } from '../../context.ts';
import { usageFailure } from '../../failure.ts';

export function declareRevokeSession(sessions: Command): void {
  sessions
    .command('revoke')
    .description('End a session at once, or all but this one')
    .argument('[id]', 'as `sessions list` shows it')
    .option('--others', 'every session but the one that asks')
    .action(async (id: string | undefined, options: { others?: boolean }, command: Command) => {
      if ((id === undefined) !== (options.others === true)) {
        throw usageFailure('name one session by its id, or give --others.');
      }
      const { client, output } = await openContext(command);
      if (id === undefined) {
        const answer = await output.waitFor('Ending sessions', client.call('session.revoke-others', {}));
        const what = answer.revoked === 1 ? 'one other session' : `${answer.revoked} other sessions`;
        output.result(answer, () => `Ended ${what}.`);
        return;
      }
      const params = { session_id: id };
      const answer = await output.waitFor('Ending the session', client.call('session.revoke', { params }));
      output.result(answer, () => `Ended session ${id}.`);
    });
}
