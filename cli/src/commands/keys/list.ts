import type { Command } from 'commander';
import type { Answer } from '../../client.ts';
import { openContext } from '../../context.ts';
import { type Column, renderTable } from '../../output/table.ts';
import { relativeTime } from '../../output/time.ts';

export type Key = Answer<'api-key.list'>[number];

const columns: readonly Column<Key>[] = [
  { title: 'ID', cell: (key) => String(key.id) },
  { title: 'NAME', cell: (key) => key.name },
  { title: 'KEY', cell: (key) => `${key.prefix}…` },
  { title: 'CREATED', cell: (key) => relativeTime(key.created_at) },
  { title: 'LAST USED', cell: (key) => timeOrDash(key.last_used_at) },
  { title: 'EXPIRES', cell: (key) => timeOrDash(key.expires_at) },
  { title: 'REVOKED', cell: (key) => timeOrDash(key.revoked_at) },
];

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

function timeOrDash(timestamp: string | null): string {
  return timestamp === null ? '-' : relativeTime(timestamp);
}
