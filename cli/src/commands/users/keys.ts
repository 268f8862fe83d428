import type { Command } from 'commander';
import type { Answer } from '../../client.ts';
import { openContext } from '../../context.ts';
import { renderTable } from '../../output/table.ts';
import { keyColumns } from '../keys/render-keys.ts';
import { getUser } from './get-user.ts';

export type UserKey = Answer<'user-token.list'>['tokens'][number];

const columns = keyColumns<UserKey>((key) => (key.is_revoked ? 'yes' : '-'));

export function declareUserKeys(users: Command): void {
  users
    .command('keys')
    .description("List a user's API keys and tokens, newest first")
    .argument('<user>', 'name or id')
    .action(async (reference: string, _options: unknown, command: Command) => {
      const { client, output } = await openContext(command);
      const { id, username } = await getUser(client, reference);
      const found = await output.waitFor(
        'Listing keys',
        client.call('user-token.list', { params: { user_id: String(id) } }),
      );
      output.result(found, () =>
        found.tokens.length === 0
          ? `${username} has no keys.`
          : renderTable(columns, found.tokens, output.strong),
      );
    });
}
