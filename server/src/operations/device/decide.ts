import { Fault } from '../../kernel/fault.ts';
import { decideDeviceRequest as decideStored } from '../../store/device-requests.ts';
import type { Context } from '../context.ts';
import { type Invocation, userOperation } from '../operation.ts';
import { recordAudit } from '../record.ts';
import { countCode } from './guess-limit.ts';
import { parseUserCode } from './user-code.ts';

export interface DecideDeviceInput {
  readonly userCode: string;
  readonly decision: 'approve' | 'deny';
}

/**
 * Lets a waiting program sign in as the caller, or not; answers with what the program calls itself. An approval
 * yields one session. Faults: `device.not-found` (unknown, over, or decided before), `device.by-key`,
 * `device.too-many-codes`.
 */
export const decideDeviceRequest = userOperation(
  'device.decide',
  'account:write',
  async (
    context: Context,
    invocation: Invocation<DecideDeviceInput>,
  ): Promise<{ readonly client: string }> => {
    const { caller, input } = invocation;
    // A session has no scopes, may make keys and outlives the key's revocation.
    if (caller.keyId !== null) throw new Fault('device.by-key', 'a key cannot sign a program in');
    await countCode(context, caller.userId);
    const code = parseUserCode(input.userCode);
    if (code === undefined) throw notFound();
    const decision = input.decision === 'approve' ? 'approved' : 'denied';
    return context.store.transaction().execute(async (db) => {
      const request = await decideStored(db, code, decision, caller.userId);
      if (!request) throw notFound();
      const target = { kind: 'device_request', id: null, name: request.client, rootId: null };
      const details = { requestedFrom: request.address };
      await recordAudit(db, `device.${input.decision}`, invocation, target, 'done', details);
      return { client: request.client };
    });
  },
);

function notFound(): Fault {
  return new Fault('device.not-found', 'no program waits with this code');
}
