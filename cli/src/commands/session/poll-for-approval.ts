import { setTimeout as pause } from 'node:timers/promises';
import type { Answer, Client } from '../../client.ts';
import { exitCodes } from '../../exit-codes.ts';
import { Failure, Refusal } from '../../failure.ts';

/** RFC 8628, section 3.5. */
const slowDownSeconds = 5;

type Started = Pick<Answer<'device.start'>, 'device_code' | 'expires_in' | 'interval'>;

/**
 * Asks at the interval that the server wants until the code is approved. Faults with exit code 3 when it is denied
 * or its time is over. A server that cannot be reached is asked again, ever more slowly, for the person may be in
 * the middle of approving.
 */
export async function pollForApproval(
  client: Client,
  started: Started,
  signal: AbortSignal,
): Promise<Answer<'device.poll'>> {
  const deadlineMs = performance.now() + started.expires_in * 1000;
  let intervalSeconds = started.interval;
  for (;;) {
    const leftMs = deadlineMs - performance.now();
    await pause(Math.max(0, Math.min(intervalSeconds * 1000, leftMs)), undefined, { signal });
    try {
      return await client.call('device.poll', { body: { device_code: started.device_code } }, { signal });
    } catch (error) {
      if (signal.aborted || !(error instanceof Failure)) throw error;
      intervalSeconds = intervalAfter(error, intervalSeconds);
      if (performance.now() >= deadlineMs) throw isUnreachable(error) ? error : expired();
    }
  }
}

/** Seconds to wait before the next poll; faults when there is nothing to wait for. */
export function intervalAfter(error: Failure, intervalSeconds: number): number {
  if (isUnreachable(error)) return intervalSeconds * 2;
  if (error.exitCode === exitCodes.tooManyRequests) return intervalSeconds + slowDownSeconds;
  switch (error instanceof Refusal ? error.reason : undefined) {
    case 'authorization_pending':
      return intervalSeconds;
    case 'slow_down':
      return intervalSeconds + slowDownSeconds;
    case 'access_denied':
      throw new Failure(exitCodes.notSignedIn, 'the sign-in was denied in the browser.');
    case 'expired_token':
      throw expired();
    default:
      throw error;
  }
}

function isUnreachable(error: Failure): boolean {
  return error.exitCode === exitCodes.unreachable;
}

function expired(): Failure {
  return new Failure(exitCodes.notSignedIn, 'nobody approved the code in time. Run `backyard login` again.');
}
