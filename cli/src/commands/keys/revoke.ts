import type { Command } from 'commander';
import type { Client } from '../../client.ts';
import { openContext } from '../../context.ts';
import { getByReference, type Naming } from '../../reference.ts';
import type { Key } from './list.ts';

const naming: Naming<Key> = { kind: 'key', id: (key) => String(key.id), name: (key) => key.name };

export function declareRevokeKey(keys: Command): void {
  keys
    .command('revoke')
    .description('Revoke an API key; it is refused from now on')
    .argument('<key>', 'name or id')
    .action(async (reference: string, _options: unknown, command: Command) => {
      const { client, output } = await openContext(command);
      const { id, name } = getByReference(naming, await listCandidates(client, reference), reference);
      const answer = await output.waitFor(
        'Revoking key',
        client.call('api-key.revoke', { params: { id: String(id) } }),
      );
      output.result(answer, () => `Revoked key ${name} (${id}).`);
    });
}

/** A name means the key that still works, for names may be given again; an id means that key always. */
async function listCandidates(client: Client, reference: string): Promise<Key[]> {
  const keys = await client.call('api-key.list', {});
  return keys.filter((key) => key.revoked_at === null || naming.id(key) === reference);
}
