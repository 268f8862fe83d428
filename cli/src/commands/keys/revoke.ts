import type { Command } from 'commander';
import { openContext } from '../../context.ts';
import { getByReference } from '../../reference.ts';
import { keyNaming, keysThatMayBeMeant } from './key-reference.ts';

export function declareRevokeKey(keys: Command): void {
  keys
    .command('revoke')
    .description('Revoke an API key; it is refused from now on')
    .argument('<key>', 'name or id')
    .action(async (reference: string, _options: unknown, command: Command) => {
      const { client, output } = await openContext(command);
      const own = await client.call('api-key.list', {});
      const candidates = keysThatMayBeMeant(own, (key) => key.revoked_at !== null, reference);
      const { id, name } = getByReference(keyNaming, candidates, reference);
      const answer = await output.waitFor(
        'Revoking key',
        client.call('api-key.revoke', { params: { id: String(id) } }),
      );
      output.result(answer, () => `Revoked key ${name} (${id}).`);
    });
}
