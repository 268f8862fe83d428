/** Sign-in by RFC 8628: this program shows a code, a person approves it in any browser. */
import { hostname } from 'node:os';
import { type Answer, createClient } from '../../client.ts';
import type { Context } from '../../context.ts';
import { exitCodes } from '../../exit-codes.ts';
import { Failure } from '../../failure.ts';
import { listenForInterruption } from '../../interruption.ts';
import { printable } from '../../output/printable.ts';
import { pollForApproval } from './poll-for-approval.ts';

export interface DeviceLogin {
  readonly username: string;
  readonly token: string;
  readonly answer: Answer<'identity.login'>;
}

const longestClient = 100;

/** Faults with exit code 3 when nobody approves it, and 130 at Ctrl-C. */
export async function loginByDevice({ baseUrl, client, output }: Context): Promise<DeviceLogin> {
  const interruption = listenForInterruption();
  const { signal } = interruption;
  try {
    const body = { client: `backyard on ${hostname()}`.slice(0, longestClient) };
    const started = await client.call('device.start', { body }, { signal });
    output.tell(
      `Open ${printable(started.verification_uri_complete)} and approve it.\n` +
        `The code there must be ${output.strong(printable(started.user_code))}.`,
    );
    const work = pollForApproval(client, started, signal);
    const answer = await output.waitFor('Waiting for the approval', work);
    const { token } = answer;
    const user = await createClient({ baseUrl, token }).call('identity.current-user', {}, { signal });
    return { username: user.username, token, answer };
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Failure(exitCodes.interrupted, 'cancelled. Nothing was stored.');
  } finally {
    interruption.stop();
  }
}
