import type { Origin } from '../../domain/caller.ts';
import { insertAuditEntry } from '../../store/audit.ts';
import type { StoredSession } from '../../store/sessions.ts';
import type { Session } from '../../store/store.ts';
import { findUser } from '../../store/users.ts';
import type { Context } from '../context.ts';
import { endCookieSession, forgetEnded } from '../session/replace.ts';
import { openIdToken } from './start-session.ts';

/**
 * Ends the session of a browser, and says where to send it: to the provider that it came from, so that the
 * session there ends too, else to the configured page. Quiet without a session.
 */
export async function logout(
  context: Context,
  origin: Origin,
  sessionCookie: string | undefined,
): Promise<{ readonly location: string }> {
  const session = await context.store.transaction().execute(async (db) => {
    const ended = await endCookieSession(db, sessionCookie);
    if (ended) await audit(db, origin, ended);
    return ended;
  });
  forgetEnded(context, session);
  const atProvider = session && (await endSessionUrl(context, session));
  return { location: atProvider ?? context.postLogoutUrl ?? '/' };
}

async function endSessionUrl(context: Context, session: StoredSession): Promise<string | null> {
  const provider = context.providers.find(({ name }) => session.method === `oidc:${name}`);
  if (!provider) return null;
  try {
    const idToken = openIdToken(context, session);
    return idToken === null ? null : await provider.endSessionUrl(idToken, context.postLogoutUrl);
  } catch (error) {
    // The session here has ended: neither a provider that is down nor a token that another key sealed may keep a
    // person from leaving.
    context.log.warn({ err: error, provider: provider.name }, 'the provider could not be asked to sign out');
    return null;
  }
}

async function audit(db: Session, origin: Origin, session: StoredSession): Promise<void> {
  const user = await findUser(db, session.user_id);
  await insertAuditEntry(db, {
    actorId: session.user_id,
    actor: user?.username ?? 'unknown',
    credential: `session:${session.id}`,
    action: 'identity.logout',
    targetKind: 'session',
    targetId: session.id,
    targetName: null,
    rootId: null,
    outcome: 'done',
    requestId: origin.requestId,
    address: origin.address,
  });
}
