import type { Command } from 'commander';
import type { Answer } from '../../client.ts';
import { type Context, openContext } from '../../context.ts';
import { renderSize } from '../../output/size.ts';
import { renderPairs } from '../../output/table.ts';
import { relativeTime } from '../../output/time.ts';
import { renderPgUsers } from '../pgusers/render-pg-users.ts';
import { getDatabase } from './get-database.ts';
import { databaseFacts, type Fact } from './render-database.ts';

export function declareShowDatabase(databases: Command): void {
  databases
    .command('show')
    .description('Show a database, its use and its logins')
    .argument('<database>', 'name or id')
    .action(async (reference: string, _options: unknown, command: Command) => {
      const context = await openContext(command);
      const { output } = context;
      const { database, usage, users } = await output.waitFor('Looking', lookAt(context, reference));
      output.result(database, () =>
        [
          output.strong(database.pg_database_name),
          renderPairs([...databaseFacts(database), ...usageFacts(usage)]),
          '',
          renderPgUsers(users, database.pg_database_name, output.strong),
        ].join('\n'),
      );
    });
}

async function lookAt({ client }: Context, reference: string) {
  const database = await getDatabase(client, reference);
  const params = { database_id: database.database_id };
  const [usage, users] = await Promise.all([
    client.call('database.usage', { params }),
    client.call('pg-user.list', { params }),
  ]);
  return { database, usage, users };
}

function usageFacts(usage: Answer<'database.usage'>): Fact[] {
  if (usage.observed_at === null) return [['size', 'not observed yet']];
  const when = relativeTime(usage.observed_at);
  return [
    ['size', `${renderSize(usage.size_bytes)} (${when})`],
    ['connections', `${usage.connections} (${when})`],
  ];
}
