import { type Command, Option } from 'commander';
import { openContext } from '../../context.ts';
import { getDatabase } from '../databases/get-database.ts';
import { renderSecret } from './render-pg-users.ts';

interface CreateOptions {
  readonly level: 'read' | 'write';
}

export function declareCreatePgUser(pgusers: Command): void {
  pgusers
    .command('create')
    .description('Create a login of a database; its password is shown once')
    .argument('<database>', 'name or id')
    .argument('<username>', '3 to 63 of a-z 0-9 _, starting with a letter')
    .addOption(
      new Option('--level <level>', 'what it may do').choices(['read', 'write']).makeOptionMandatory(),
    )
    .action(async (reference: string, username: string, options: CreateOptions, command: Command) => {
      const { client, output } = await openContext(command);
      const { database_id, pg_database_name: name } = await getDatabase(client, reference);
      const body = { username, permission_level: options.level };
      const user = await output.waitFor(
        `Creating user ${username}`,
        client.call('pg-user.create', { params: { database_id }, body }),
      );
      output.result(user, () => {
        const title = `Created ${user.permission_level} user ${output.strong(user.pg_username)} of ${name}.`;
        return `${title}\n${renderSecret(user.connection)}`;
      });
    });
}
