import type { Origin } from '../../domain/caller.ts';
import { tokenDigest } from '../../kernel/token.ts';
import {
  findDeviceApprover,
  noteDevicePoll,
  takeApprovedDeviceRequest,
} from '../../store/device-requests.ts';
import { lockUser } from '../../store/users.ts';
import type { Context } from '../context.ts';
import { auditSignIn } from '../identity/audit-sign-in.ts';
import { type SignedIn, startSession } from '../identity/start-session.ts';
import { POLL_INTERVAL_MS } from './start.ts';

/** A poll that the network hurried along is not a program that hurries. */
const EARLY_MS = POLL_INTERVAL_MS * 0.75;

export type DevicePollOutcome =
  | { readonly state: 'approved'; readonly session: SignedIn }
  /** `gone`: unknown, over, or used before. */
  | { readonly state: 'pending' | 'early' | 'denied' | 'gone' };

/** Tells a program what became of its request; an approved one is exchanged for a session, once. */
export async function pollDeviceRequest(
  context: Context,
  origin: Origin,
  input: { readonly deviceCode: string },
): Promise<DevicePollOutcome> {
  const digest = tokenDigest(input.deviceCode);
  const exchanged = await exchange(context, origin, digest);
  if (exchanged) return exchanged;
  const poll = await noteDevicePoll(context.store, digest, EARLY_MS);
  if (!poll) return { state: 'gone' };
  if (poll.isDenied) return { state: 'denied' };
  return { state: poll.isEarly ? 'early' : 'pending' };
}

/** `undefined` when the request is not approved. */
function exchange(context: Context, origin: Origin, digest: Buffer): Promise<DevicePollOutcome | undefined> {
  return context.store.transaction().execute(async (db) => {
    const approverId = await findDeviceApprover(db, digest);
    if (approverId === undefined) return undefined;
    // Whoever resets the password right now takes the request away and ends the sessions: one after the other.
    const user = await lockUser(db, approverId);
    if (!(await takeApprovedDeviceRequest(db, digest))) return undefined;
    // Deactivated between the approval and this poll.
    if (!user.is_active) return { state: 'denied' };
    await auditSignIn(db, { user, method: 'device', origin, outcome: 'done' });
    const session = await startSession(context, db, user.id, { carrier: 'bearer', method: 'device', origin });
    return { state: 'approved', session };
  });
}
