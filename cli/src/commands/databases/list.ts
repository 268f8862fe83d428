import type { Command } from 'commander';
import { openContext } from '../../context.ts';
import { type Column, renderTable } from '../../output/table.ts';
import { relativeTime } from '../../output/time.ts';
import type { Database } from './get-database.ts';
import { renderStatus } from './render-database.ts';

const ownColumns: readonly Column<Database>[] = [
  { title: 'NAME', cell: (database) => database.pg_database_name },
  { title: 'STATUS', cell: (database) => renderStatus(database) },
  { title: 'CREATED', cell: (database) => relativeTime(database.created_at) },
  { title: 'ID', cell: (database) => database.database_id },
];
const owner: Column<Database> = { title: 'OWNER', cell: (database) => database.owner_email };

export function declareListDatabases(databases: Command): void {
  databases
    .command('list')
    .alias('ls')
    .description('List your databases, newest first')
    .option('--all', 'those of everybody (administrators)')
    .action(async (options: { all?: boolean }, command: Command) => {
      const { client, output } = await openContext(command);
      const ask = options.all === true ? ({ query: { scope: 'all' } } as const) : {};
      const found = await output.waitFor('Listing databases', client.call('database.list', ask));
      const columns = options.all === true ? [owner, ...ownColumns] : ownColumns;
      output.result(found, () =>
        found.length === 0
          ? 'No databases yet. Create one: backyard databases create <name>'
          : renderTable(columns, found, output.strong),
      );
    });
}
