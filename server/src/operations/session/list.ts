import { listLiveSessions, type StoredSession } from '../../store/sessions.ts';
import type { Context } from '../context.ts';
import { type Invocation, userOperation } from '../operation.ts';

export interface SessionPage {
  readonly sessions: readonly StoredSession[];
  readonly total: number;
}

/** Lists where the caller is signed in now, newest first: browsers and programs. */
export const listSessions = userOperation(
  'session.list',
  'account:read',
  (
    context: Context,
    { caller, input }: Invocation<{ readonly limit: number; readonly offset: number }>,
  ): Promise<SessionPage> =>
    listLiveSessions(context.store, caller.userId, {
      idleSince: new Date(Date.now() - context.sessions.idleMs),
      limit: input.limit,
      offset: input.offset,
    }),
);
