import { notifyUserChanged } from '../../store/changes.ts';
import { revokeSessionsOf } from '../../store/sessions.ts';
import type { Context } from '../context.ts';
import { type Invocation, userOperation } from '../operation.ts';
import { recordAudit } from '../record.ts';

/** Ends every session of the caller but the one that asks; returns how many that were. */
export const revokeOtherSessions = userOperation(
  'session.revoke-others',
  'account:write',
  async (context: Context, { caller, origin }: Invocation<undefined>): Promise<number> => {
    const count = await context.store.transaction().execute(async (db) => {
      const revoked = await revokeSessionsOf(db, caller.userId, caller.sessionId);
      const target = { kind: 'user', id: String(caller.userId), name: caller.username, rootId: null };
      await recordAudit(db, 'session.revoke-others', { caller, origin }, target, 'done', { revoked });
      await notifyUserChanged(db, caller.userId);
      return revoked;
    });
    context.credentials.forgetUser(caller.userId);
    return count;
  },
);
