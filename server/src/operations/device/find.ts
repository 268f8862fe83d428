import { findPendingDeviceRequest } from '../../store/device-requests.ts';
import type { Context } from '../context.ts';
import { type Invocation, userOperation } from '../operation.ts';
import { countCode } from './guess-limit.ts';
import { DEVICE_REQUEST_MS } from './start.ts';
import { parseUserCode, presentUserCode } from './user-code.ts';

export interface WaitingDevice {
  /** `XXXX-XXXX` */
  readonly userCode: string;
  /** What the program calls itself; anybody may claim anything. */
  readonly client: string;
  readonly address: string | null;
  readonly ageMs: number;
}

/**
 * The program that waits with the code that a person typed; `undefined` when none does (any more). Fault:
 * `device.too-many-codes`.
 */
export const findDeviceRequest = userOperation(
  'device.find',
  'account:read',
  async (
    context: Context,
    { caller, input }: Invocation<{ readonly userCode: string }>,
  ): Promise<WaitingDevice | undefined> => {
    await countCode(context, caller.userId);
    const code = parseUserCode(input.userCode);
    if (code === undefined) return undefined;
    const found = await findPendingDeviceRequest(context.store, code, DEVICE_REQUEST_MS);
    if (!found) return undefined;
    const { client, address } = found.request;
    return { userCode: presentUserCode(code), client, address, ageMs: found.ageMs };
  },
);
