import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { openContext } from '../../context.ts';
import { askNewPassword, hasTerminal, readPasswordFromStdin } from '../../prompts.ts';
import { renderUser } from './render-user.ts';
import { wholeNumber } from './whole-number.ts';

interface CreateOptions {
  readonly email: string;
  readonly admin?: boolean;
  readonly passwordStdin?: boolean;
  readonly rate?: number;
  readonly burst?: number;
}

export function declareCreateUser(users: Command): void {
  users
    .command('create')
    .description('Create a user of Backyard')
    .argument('<username>', '3 to 50 characters')
    .requiredOption('--email <address>', 'where they can be reached; nobody else has it')
    .option('--admin', 'an administrator')
    .option('--password-stdin', 'read the password from standard input (else: asked for, or made and shown)')
    .option('--rate <n>', 'requests a second (default: that of the role)', wholeNumber)
    .option('--burst <n>', 'requests at once (default: that of the role)', wholeNumber)
    .action(async (username: string, options: CreateOptions, command: Command) => {
      const { client, output } = await openContext(command);
      const given = await choosePassword(options.passwordStdin === true);
      const password = given ?? newPassword();
      const body = { username, password, ...fieldsOf(options) };
      const user = await output.waitFor(`Creating user ${username}`, client.call('user.create', { body }));
      // Nobody else knows a password that was made here, so a program needs it as well.
      output.result(given === undefined ? { ...user, password } : user, () => {
        const title = `Created user ${output.strong(user.username)}.\n${renderUser(user)}`;
        return given === undefined ? `${title}\n${renderPassword(password)}` : title;
      });
    });
}

function fieldsOf({ email, admin, rate, burst }: CreateOptions) {
  return {
    email,
    ...(admin === undefined ? {} : { is_admin: admin }),
    ...(rate === undefined ? {} : { rate_limit_per_second: rate }),
    ...(burst === undefined ? {} : { rate_limit_burst: burst }),
  };
}

/** Undefined when one is to be made. */
async function choosePassword(fromStdin: boolean): Promise<string | undefined> {
  if (fromStdin) return await readPasswordFromStdin();
  if (!hasTerminal()) return undefined;
  const asked = await askNewPassword('Password (empty: one is made and shown)', 'Give --password-stdin.');
  return asked === '' ? undefined : asked;
}

const passwordBytes = 18;

/** 144 random bits. */
function newPassword(): string {
  return randomBytes(passwordBytes).toString('base64url');
}

function renderPassword(password: string): string {
  return `\n${password}\n\nThe password is shown only now. They can change it with: backyard passwd`;
}
