import { randomBytes } from 'node:crypto';
import type { Origin } from '../../domain/caller.ts';
import { tokenDigest } from '../../kernel/token.ts';
import { insertDeviceRequest } from '../../store/device-requests.ts';
import { retryOnRace } from '../account/retry-on-race.ts';
import type { Context } from '../context.ts';
import { newUserCode, presentUserCode } from './user-code.ts';

/** How long a person has to approve. */
export const DEVICE_REQUEST_MS = 600_000;
/** What a program waits between two polls. */
export const POLL_INTERVAL_MS = 2_000;

const LONGEST_CLIENT = 100;

export interface StartedDeviceRequest {
  /** The program's secret; only its digest is stored. */
  readonly deviceCode: string;
  /** For the person: `XXXX-XXXX`. */
  readonly userCode: string;
}

/** Asks for a sign-in of a program that has no browser. `client` is what the program calls itself. */
export async function startDeviceRequest(
  context: Context,
  origin: Origin,
  input: { readonly client: string | undefined },
): Promise<StartedDeviceRequest> {
  const deviceCode = randomBytes(32).toString('base64url');
  const userCode = await retryOnRace(async () => {
    const code = newUserCode();
    await insertDeviceRequest(context.store, {
      deviceDigest: tokenDigest(deviceCode),
      userCode: code,
      client: clientName(input.client),
      address: origin.address,
      lifetimeMs: DEVICE_REQUEST_MS,
    });
    return code;
  });
  return { deviceCode, userCode: presentUserCode(userCode) };
}

/** Control and format characters could make a name read like another one on the page that asks for approval. */
function clientName(given: string | undefined): string {
  const name = (given ?? '').replaceAll(/[\p{C}\s]+/gu, ' ').trim();
  return [...name].slice(0, LONGEST_CLIENT).join('') || 'A program without a name';
}
