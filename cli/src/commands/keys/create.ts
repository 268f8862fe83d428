import type { Command } from 'commander';
import { openContext } from '../../context.ts';
import { renderScopes } from './render-keys.ts';

interface CreateOptions {
  readonly expires?: string;
  readonly scope?: readonly string[];
}

export function declareCreateKey(keys: Command): void {
  keys
    .command('create')
    .description('Create an API key; it is shown once')
    .argument('<name>', 'what it is for')
    .option('--expires <time>', 'when it ends, for example 2031-01-31T00:00:00Z')
    .option(
      '--scope <scope>',
      'what it may do: read, write or admin, or one of them for a kind of thing, as in database:read; ' +
        'several may be given (default: all that you may)',
      (scope: string, before: readonly string[] = []) => [...before, scope],
    )
    .action(async (name: string, { expires, scope }: CreateOptions, command: Command) => {
      const { client, output } = await openContext(command);
      const body = {
        name,
        ...(expires === undefined ? {} : { expires_at: expires }),
        ...(scope === undefined ? {} : { scopes: [...scope] }),
      };
      const key = await output.waitFor('Creating key', client.call('api-key.create', { body }));
      output.result(
        key,
        () =>
          `Created key ${output.strong(key.name)} (${key.id}), scopes: ${renderScopes(key.scopes)}.\n\n` +
          `${key.key}\n\nThe key is shown only now. Keep it; programs give it as BACKYARD_TOKEN.`,
      );
    });
}
