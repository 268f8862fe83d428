import { tokenDigest } from '../../kernel/token.ts';
import { notifyUserChanged } from '../../store/changes.ts';
import { findCookieSession, revokeSession, type StoredSession } from '../../store/sessions.ts';
import type { Session } from '../../store/store.ts';
import type { Context } from '../context.ts';

/**
 * Ends the session that a browser had, because it gets a new one or wants none; quiet when it had none, or one that
 * had ended. Once the transaction is committed, `forgetEnded` must hear of it.
 */
export async function endCookieSession(
  db: Session,
  cookie: string | undefined,
): Promise<StoredSession | undefined> {
  if (cookie === undefined) return undefined;
  const found = await findCookieSession(db, tokenDigest(cookie));
  if (!found || found.session.revoked_at) return undefined;
  await revokeSession(db, found.session.id);
  await notifyUserChanged(db, found.user.id);
  return found.session;
}

/**
 * The notification is for the others; here nothing may pass between the answer and its arrival. Before the commit
 * it would be too early: a request of that moment would be remembered as good.
 */
export function forgetEnded({ credentials }: Context, ended: StoredSession | undefined): void {
  if (ended) credentials.forgetUser(ended.user_id);
}
