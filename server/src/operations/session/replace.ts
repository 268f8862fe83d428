import { tokenDigest } from '../../kernel/token.ts';
import { notifyUserChanged } from '../../store/changes.ts';
import { findCookieSession, revokeSession, type StoredSession } from '../../store/sessions.ts';
import type { Session } from '../../store/store.ts';
import type { Context } from '../context.ts';

/** Ends the session that a browser had, because it gets a new one or wants none; quiet when it had none. */
export async function replaceCookieSession(
  context: Context,
  db: Session,
  cookie: string | undefined,
): Promise<StoredSession | undefined> {
  if (cookie === undefined) return undefined;
  const found = await findCookieSession(db, tokenDigest(cookie));
  if (!found) return undefined;
  await revokeSession(db, found.session.id);
  await notifyUserChanged(db, found.user.id);
  // The notification is for the others; here nothing may pass between the answer and its arrival.
  context.credentials.forgetUser(found.user.id);
  return found.session;
}
