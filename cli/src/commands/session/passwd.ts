import type { Command } from 'commander';
import { type Context, openContext } from '../../context.ts';
import { writeLogin } from '../../credentials.ts';
import { usageFailure } from '../../failure.ts';
import { askNewPassword, askPassword, readTwoPasswordsFromStdin } from '../../prompts.ts';

export function declarePasswd(program: Command): void {
  program
    .command('passwd')
    .description('Change your password; your other sign-ins end, your API keys stay')
    .option('--password-stdin', 'read two lines from standard input: the current password, the new one')
    .action(async (options: { passwordStdin?: boolean }, command: Command) => {
      const context = await openContext(command);
      const [currentPassword, newPassword] = await choosePasswords(options.passwordStdin === true);
      const body = { current_password: currentPassword, new_password: newPassword };
      const answer = await context.output.waitFor(
        'Changing the password',
        context.client.call('identity.change-password', { body }),
      );
      await keep(context, answer.token);
      context.output.result(answer, () => 'Password changed. Your other sign-ins have ended.');
    });
}

async function choosePasswords(fromStdin: boolean): Promise<readonly [string, string]> {
  if (fromStdin) return await readTwoPasswordsFromStdin();
  const otherwise = 'Give the current and the new password with --password-stdin, a line each.';
  const current = await askPassword('Current password', otherwise);
  const wanted = await askNewPassword('New password', otherwise);
  if (wanted === '') throw usageFailure('an empty password is none. Nothing was changed.');
  return [current, wanted];
}

/** The stored sign-in ended with the old password; where the environment gives the credential, none is stored. */
async function keep(context: Context, token: string | undefined): Promise<void> {
  const { stored, usesStored, configPath } = context;
  if (stored === undefined || !usesStored || token === undefined) return;
  await writeLogin(configPath, { ...stored, token });
}
