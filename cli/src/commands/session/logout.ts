import type { Command } from 'commander';
import { createClient } from '../../client.ts';
import { openOutput } from '../../context.ts';
import { configPath, deleteLogin, findLogin, type StoredLogin } from '../../credentials.ts';
import { exitCodes } from '../../exit-codes.ts';
import { Failure } from '../../failure.ts';
import type { Output } from '../../output/output.ts';

const livesOn = 'It lives on until it expires, 24 hours after the sign-in.';

export function declareLogout(program: Command): void {
  program
    .command('logout')
    .description('End the stored sign-in, on its server and here')
    .action(async (_options: unknown, command: Command) => {
      const output = openOutput(command);
      const path = configPath(process.env);
      const stored = await findReadable(path, output);
      if (stored !== undefined) await endSession(stored, output);
      // Whatever the server said: who signs out wants this machine to forget.
      await deleteLogin(path);
      output.result(null, () => (stored === undefined ? 'Signed out.' : `Signed out of ${stored.url}.`));
      const { BACKYARD_TOKEN: token = '' } = process.env;
      if (token !== '') output.warn('BACKYARD_TOKEN is set and stays in use.');
    });
}

/** A damaged file must not keep anybody from removing it. */
async function findReadable(path: string, output: Output): Promise<StoredLogin | undefined> {
  try {
    return await findLogin(path);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    output.warn(`the stored sign-in is damaged, so the server could not be told to end it. ${livesOn}`);
    return undefined;
  }
}

async function endSession({ url, token }: StoredLogin, output: Output): Promise<void> {
  try {
    const client = createClient({ baseUrl: url, token });
    await output.waitFor(`Signing out of ${url}`, client.call('session.revoke-current', {}));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    // A credential that is refused has ended already.
    if (error.exitCode === exitCodes.notSignedIn) return;
    output.warn(`the session on ${url} was not ended: ${error.message} ${livesOn}`);
  }
}
