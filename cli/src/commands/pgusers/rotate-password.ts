import type { Command } from 'commander';
import { openContext } from '../../context.ts';
import { getDatabase } from '../databases/get-database.ts';
import { getPgUser } from './get-pg-user.ts';
import { renderSecret } from './render-pg-users.ts';

export function declareRotatePgPassword(pgusers: Command): void {
  pgusers
    .command('rotate-password')
    .description('Replace the password of a login; the new one is shown once')
    .argument('<database>', 'name or id')
    .argument('<user>', 'username or id')
    .option('--terminate-sessions', 'also end the sessions that the old password opened')
    .action(
      async (
        reference: string,
        username: string,
        options: { terminateSessions?: boolean },
        command: Command,
      ) => {
        const { client, output } = await openContext(command);
        const { database_id } = await getDatabase(client, reference);
        const { pg_user_id, pg_username } = await getPgUser(client, database_id, username);
        const body = options.terminateSessions === true ? { terminate_sessions: true } : {};
        const answer = await output.waitFor(
          `Rotating the password of ${pg_username}`,
          client.call('pg-user.rotate-password', { params: { database_id, pg_user_id }, body }),
        );
        output.result(
          answer,
          () =>
            `New password of ${output.strong(pg_username)}; the old one is refused from now on.\n` +
            renderSecret(answer.connection),
        );
      },
    );
}
