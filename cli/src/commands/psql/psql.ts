import type { Command } from 'commander';
import { openContext } from '../../context.ts';
import { getDatabase } from '../databases/get-database.ts';
import { getPgUser } from '../pgusers/get-pg-user.ts';
import { requirePsql, runPsql } from './run-psql.ts';
import { listenForSignals } from './signals.ts';
import { withTemporaryUser } from './temporary-user.ts';

/** `psqlArguments`: what the command line holds after `--`. */
export function declarePsql(program: Command, psqlArguments: readonly string[]): void {
  program
    .command('psql')
    .description('Open psql on a database; without --user, as a login that lives as long as psql')
    .usage('[options] <database> [-- psql arguments]')
    .argument('<database>', 'name or id')
    .option(
      '--user <user>',
      'an existing login; psql asks for its password, or takes PGPASSWORD or ~/.pgpass',
    )
    .action(async (reference: string, options: { user?: string }, command: Command) => {
      const context = await openContext(command);
      await requirePsql();
      const { database_id } = await getDatabase(context.client, reference);
      const user =
        options.user === undefined ? undefined : await getPgUser(context.client, database_id, options.user);
      const signals = listenForSignals();
      try {
        process.exitCode =
          user === undefined
            ? await withTemporaryUser(context, database_id, signals, psqlArguments)
            : await runPsql({ uri: user.connection.uri, psqlArguments, signals });
      } finally {
        signals.stop();
      }
    });
}
