import { Fault } from '../../kernel/fault.ts';
import { hashPassword, verifyPassword } from '../../kernel/password.ts';
import { notifyUserChanged } from '../../store/changes.ts';
import { revokeSessionsOf } from '../../store/sessions.ts';
import { findUser, lockUser, setUserPassword } from '../../store/users.ts';
import type { Context } from '../context.ts';
import { type Invocation, userOperation } from '../operation.ts';
import { recordAudit } from '../record.ts';
import { type SignedIn, startSession } from './start-session.ts';

export interface ChangePasswordInput {
  readonly currentPassword: string;
  /** Its length was checked. */
  readonly newPassword: string;
  readonly carrier: 'cookie' | 'bearer';
}

/**
 * Changes the caller's own password and ends every session that was begun with the old one; the caller gets a new
 * one. API keys stay. Faults: `password.wrong`, `password.none` (the account signs in elsewhere).
 */
export const changePassword = userOperation(
  'identity.change-password',
  'account:write',
  async (context: Context, invocation: Invocation<ChangePasswordInput>): Promise<SignedIn> => {
    const { caller, origin, input } = invocation;
    const user = await findUser(context.store, caller.userId);
    const stored = user?.password_hash ?? null;
    if (stored === null) throw new Fault('password.none', 'the account has no password');
    const target = { kind: 'user', id: String(caller.userId), name: caller.username, rootId: null };
    if (!(await verifyPassword(stored, input.currentPassword))) {
      throw new Fault('password.wrong', 'the current password is another one');
    }
    const hash = await hashPassword(input.newPassword);
    const signedIn = await context.store.transaction().execute(async (db) => {
      // Two checks took their time: meanwhile somebody else may have set another password, which must not be undone.
      const { password_hash: current } = await lockUser(db, caller.userId);
      if (current !== stored) throw new Fault('password.wrong', 'the password was changed meanwhile');
      await setUserPassword(db, caller.userId, hash);
      await revokeSessionsOf(db, caller.userId);
      await recordAudit(db, 'identity.change-password', invocation, target, 'done');
      await notifyUserChanged(db, caller.userId);
      return startSession(context, db, caller.userId, { carrier: input.carrier, method: 'password', origin });
    });
    context.credentials.forgetUser(caller.userId);
    return signedIn;
  },
);
