import type { Command } from 'commander';
import { openContext } from '../../context.ts';

export function declareCreateKey(keys: Command): void {
  keys
    .command('create')
    .description('Create an API key; it is shown once')
    .argument('<name>', 'what it is for')
    .option('--expires <time>', 'when it ends, for example 2031-01-31T00:00:00Z')
    .action(async (name: string, options: { expires?: string }, command: Command) => {
      const { client, output } = await openContext(command);
      const expiry = options.expires === undefined ? {} : { expires_at: options.expires };
      const key = await output.waitFor(
        'Creating key',
        client.call('api-key.create', { body: { name, ...expiry } }),
      );
      output.result(
        key,
        () =>
          `Created key ${output.strong(key.name)} (${key.id}).\n\n${key.key}\n\n` +
          'The key is shown only now. Keep it; programs give it as BACKYARD_TOKEN.',
      );
    });
}
