import { type Command, Option } from 'commander';
import { type Context, openContext } from '../../context.ts';
import { writeLogin } from '../../credentials.ts';
import { askChoice, askPassword, askText, hasTerminal, readPasswordFromStdin } from '../../prompts.ts';
import { isExposed } from '../../target.ts';
import { loginByDevice } from './login-by-device.ts';

interface LoginOptions {
  readonly web?: boolean;
  readonly username?: string;
  readonly passwordStdin?: boolean;
}

export function declareLogin(program: Command): void {
  program
    .command('login')
    .description('Sign in; the token is kept for 24 hours in your configuration folder')
    .addOption(
      new Option('--web', 'approve it in a browser, on this machine or another').conflicts([
        'username',
        'passwordStdin',
      ]),
    )
    .option('--username <name>', 'who signs in (asked for when absent)')
    .option('--password-stdin', 'read the password from standard input; also: BACKYARD_PASSWORD')
    .action(async (options: LoginOptions, command: Command) => {
      const context = await openContext(command);
      const { baseUrl, output } = context;
      const inBrowser = options.web === true || (await choosesBrowser(options, context));
      if (isExposed(baseUrl)) warnOfListeners(context, inBrowser ? 'token' : 'password');
      const { username, token, answer } = inBrowser
        ? await loginByDevice(context)
        : await loginByPassword(options, context);
      await writeLogin(context.configPath, { url: baseUrl, token, username });
      output.result(answer, () => `Signed in to ${baseUrl} as ${output.strong(username)}.`);
      warnOfEnvironment(context);
    });
}

/** Asks only a person who gave no password in any way, and only where there is another way than a password. */
async function choosesBrowser(options: LoginOptions, { client, environment }: Context): Promise<boolean> {
  const { BACKYARD_PASSWORD: password = '' } = environment;
  if (options.username !== undefined || options.passwordStdin === true || password !== '') return false;
  if (!hasTerminal()) return false;
  const { providers } = await client.call('provider.list', {});
  if (providers.length === 0) return false;
  const choices = [
    { value: 'browser', label: 'In the browser' },
    { value: 'password', label: 'With a password' },
  ];
  return (await askChoice('How do you want to sign in?', choices, 'Give --web.')) === 'browser';
}

async function loginByPassword(options: LoginOptions, context: Context) {
  const { baseUrl, client, output } = context;
  const username = options.username ?? (await askText('Username', 'Give --username, or --web.'));
  const password = await choosePassword(options, context);
  const answer = await output.waitFor(
    `Signing in to ${baseUrl}`,
    client.call('identity.login', { body: { username, password } }),
  );
  return { username, token: answer.token, answer };
}

async function choosePassword(options: LoginOptions, context: Context): Promise<string> {
  const { BACKYARD_PASSWORD: fromEnvironment = '' } = context.environment;
  if (options.passwordStdin === true) return await readPasswordFromStdin();
  if (fromEnvironment !== '') return fromEnvironment;
  return await askPassword('Password', 'Give the password with --password-stdin or BACKYARD_PASSWORD.');
}

function warnOfListeners({ baseUrl, output }: Context, secret: string): void {
  output.warn(`${baseUrl} is not encrypted: the ${secret} can be read on the way.`);
}

/** What was just stored stays unused while the environment says otherwise. */
function warnOfEnvironment({ environment, output }: Context): void {
  const { BACKYARD_TOKEN: token = '' } = environment;
  if (token !== '') output.warn('BACKYARD_TOKEN is set and goes before this sign-in.');
}
