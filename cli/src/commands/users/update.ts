import type { Command } from 'commander';
import { openContext } from '../../context.ts';
import { usageFailure } from '../../failure.ts';
import { readPasswordFromStdin } from '../../prompts.ts';
import { getUser } from './get-user.ts';
import { renderUser } from './render-user.ts';
import { wholeNumber } from './whole-number.ts';

interface UpdateOptions {
  readonly username?: string;
  readonly email?: string;
  readonly admin?: boolean;
  readonly active?: boolean;
  readonly passwordStdin?: boolean;
  readonly rate?: number;
  readonly burst?: number;
}

export function declareUpdateUser(users: Command): void {
  users
    .command('update')
    .description('Change a user; what is not named stays as it is')
    .argument('<user>', 'name or id')
    .option('--username <name>', 'another name')
    .option('--email <address>', 'another address')
    .option('--admin', 'make them an administrator')
    .option('--no-admin', 'make them one no longer')
    .option('--active', 'let them sign in again')
    .option('--no-active', 'the same as `users deactivate`')
    .option('--password-stdin', 'read a new password from standard input; their sign-ins end')
    .option('--rate <n>', 'requests a second', wholeNumber)
    .option('--burst <n>', 'requests at once', wholeNumber)
    .action(async (reference: string, options: UpdateOptions, command: Command) => {
      const fields = fieldsOf(options);
      if (Object.keys(fields).length === 0 && options.passwordStdin !== true) {
        throw usageFailure('nothing to change: name at least one option.');
      }
      const { client, output } = await openContext(command);
      const { id } = await getUser(client, reference);
      const password = options.passwordStdin === true ? { password: await readPasswordFromStdin() } : {};
      const ask = { params: { user_id: String(id) }, body: { ...fields, ...password } };
      const user = await output.waitFor('Changing the user', client.call('user.update', ask));
      output.result(user, () => `Changed user ${output.strong(user.username)}.\n${renderUser(user)}`);
    });
}

function fieldsOf({ username, email, admin, active, rate, burst }: UpdateOptions) {
  return {
    ...(username === undefined ? {} : { username }),
    ...(email === undefined ? {} : { email }),
    ...(admin === undefined ? {} : { is_admin: admin }),
    ...(active === undefined ? {} : { is_active: active }),
    ...(rate === undefined ? {} : { rate_limit_per_second: rate }),
    ...(burst === undefined ? {} : { rate_limit_burst: burst }),
  };
}
