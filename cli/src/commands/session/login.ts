import type { Command } from 'commander';
import { type Context, openContext } from '../../context.ts';
import { writeLogin } from '../../credentials.ts';
import { askPassword, askText, readPasswordFromStdin } from '../../prompts.ts';
import { isExposed } from '../../target.ts';

interface LoginOptions {
  readonly username?: string;
  readonly passwordStdin?: boolean;
}

export function declareLogin(program: Command): void {
  program
    .command('login')
    .description('Sign in; the token is kept for 24 hours in your configuration folder')
    .option('--username <name>', 'who signs in (asked for when absent)')
    .option('--password-stdin', 'read the password from standard input; also: BACKYARD_PASSWORD')
    .action(async (options: LoginOptions, command: Command) => {
      const context = await openContext(command);
      const { baseUrl, client, output } = context;
      if (isExposed(baseUrl))
        output.warn(`${baseUrl} is not encrypted: the password can be read on the way.`);
      const username = options.username ?? (await askText('Username', 'Give --username.'));
      const password = await choosePassword(options, context);
      const answer = await output.waitFor(
        `Signing in to ${baseUrl}`,
        client.call('identity.login', { body: { username, password } }),
      );
      await writeLogin(context.configPath, { url: baseUrl, token: answer.token, username });
      output.result(answer, () => `Signed in to ${baseUrl} as ${output.strong(username)}.`);
      warnOfEnvironment(context);
    });
}

async function choosePassword(options: LoginOptions, context: Context): Promise<string> {
  const { BACKYARD_PASSWORD: fromEnvironment = '' } = context.environment;
  if (options.passwordStdin === true) return await readPasswordFromStdin();
  if (fromEnvironment !== '') return fromEnvironment;
  return await askPassword('Password', 'Give the password with --password-stdin or BACKYARD_PASSWORD.');
}

/** What was just stored stays unused while the environment says otherwise. */
function warnOfEnvironment({ environment, output }: Context): void {
  const { BACKYARD_TOKEN: token = '' } = environment;
  if (token !== '') output.warn('BACKYARD_TOKEN is set and goes before this sign-in.');
}
