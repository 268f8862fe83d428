import type { Command } from 'commander';
import type { Answer } from '../../client.ts';
import { openContext } from '../../context.ts';
import { renderTable } from '../../output/table.ts';
import { relativeTimeOrDash } from '../../output/time.ts';
import { keyColumns } from './render-keys.ts';

type Key = Answer<'api-key.list'>[number];

const columns = keyColumns<Key>((key) => relativeTimeOrDash(key.revoked_at));

export function declareListKeys(keys: Command): void {
  keys
    .command('list')
    .alias('ls')
    .description('List your API keys and tokens, newest first')
    .action(async (_options: unknown, command: Command) => {
      const { client, output } = await openContext(command);
      const found = await output.waitFor('Listing keys', client.call('api-key.list', {}));
      output.result(found, () =>
        found.length === 0
          ? 'No keys yet. Create one: backyard keys create <name>'
          : renderTable(columns, found, output.strong),
      );
    });
}
