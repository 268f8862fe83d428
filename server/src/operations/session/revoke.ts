import { Fault } from '../../kernel/fault.ts';
import { notifyUserChanged } from '../../store/changes.ts';
import { findSession, revokeSession as revokeStored } from '../../store/sessions.ts';
import type { Context } from '../context.ts';
import { ownerOperation, userOperation } from '../operation.ts';
import { recordAudit } from '../record.ts';

const target = (id: string) => ({ kind: 'session', id, name: null, rootId: null });

/** Ends a session, for the next request on every replica. Quiet when repeated. Fault: `session.not-found`. */
export const revokeSession = ownerOperation({
  name: 'session.revoke',
  needs: 'account:write',
  absent: 'session.not-found',
  async find(context, input: { readonly id: string }) {
    const session = await findSession(context.store, input.id);
    return session && { ...session, ownerId: session.user_id };
  },
  async run(context, invocation, session): Promise<void> {
    await context.store.transaction().execute(async (db) => {
      await revokeStored(db, session.id);
      await recordAudit(db, 'session.revoke', invocation, target(session.id), 'done');
      await notifyUserChanged(db, session.user_id);
    });
    context.credentials.forgetUser(session.user_id);
  },
});

/** Ends the session that the caller speaks through. Fault for any other credential: `session.none`. */
export const revokeOwnSession = userOperation(
  'session.revoke-current',
  'account:write',
  async (context: Context, invocation): Promise<void> => {
    const id = invocation.caller.sessionId;
    if (id === null) throw new Fault('session.none', 'the credential is no session');
    await revokeSession.invoke(context, { ...invocation, input: { id } });
  },
);
