import type { Command } from 'commander';
import { openContext } from '../../context.ts';
import { getByReference } from '../../reference.ts';
import { keyNaming, keysThatMayBeMeant } from '../keys/key-reference.ts';
import { getUser } from './get-user.ts';

export function declareRevokeUserKey(users: Command): void {
  users
    .command('revoke-key')
    .description("Revoke a user's API key; it is refused from now on")
    .argument('<user>', 'name or id')
    .argument('<key>', 'name or id')
    .action(async (userReference: string, keyReference: string, _options: unknown, command: Command) => {
      const { client, output } = await openContext(command);
      const { id: userId, username } = await getUser(client, userReference);
      const params = { user_id: String(userId) };
      const { tokens } = await client.call('user-token.list', { params });
      const candidates = keysThatMayBeMeant(tokens, (key) => key.is_revoked, keyReference);
      const { id, name } = getByReference(keyNaming, candidates, keyReference);
      const answer = await output.waitFor(
        'Revoking key',
        client.call('user-token.revoke', { params: { ...params, token_id: String(id) } }),
      );
      output.result(answer, () => `Revoked key ${name} (${id}) of ${username}.`);
    });
}
