import type { Origin } from '../../domain/caller.ts';
import { Fault } from '../../kernel/fault.ts';
import { verifyPassword } from '../../kernel/password.ts';
import { insertAuditEntry } from '../../store/audit.ts';
import type { Session as Db } from '../../store/store.ts';
import { findUserByName, lockUser, type StoredUser } from '../../store/users.ts';
import type { Context } from '../context.ts';
import { endCookieSession, forgetEnded } from '../session/replace.ts';
import { type SignedIn, startSession } from './start-session.ts';

export interface LoginInput {
  readonly username: string;
  readonly password: string;
  readonly carrier: 'cookie' | 'bearer';
  /** The session cookie that the browser had until now; it ends. */
  readonly earlierSession?: string | undefined;
}

/**
 * Signs a person in with a password. An unknown name costs as much as a known one. Faults:
 * `login.wrong` (name or password, not told which), `login.disabled` (right password, inactive user).
 */
export async function login(
  context: Context,
  origin: Origin,
  input: LoginInput,
): Promise<SignedIn & { readonly user: StoredUser }> {
  // A text that Postgres cannot store is no name of anybody.
  const storable = !input.username.includes('\0');
  const user = storable ? await findUserByName(context.store, input.username) : undefined;
  const matches = await verifyPassword(user?.password_hash ?? null, input.password);
  if (!user || !matches) return refuse(context, origin, user, 'login.wrong');
  const begun = await context.store.transaction().execute(async (db) => {
    // The check took its time, and what ends sessions meanwhile would not see the one that begins here.
    const current = await lockUser(db, user.id);
    if (current.password_hash !== user.password_hash) return 'login.wrong';
    if (!current.is_active) return 'login.disabled';
    const ended = await endCookieSession(db, input.earlierSession);
    await audit(db, origin, user, 'done');
    const how = { carrier: input.carrier, method: 'password', origin };
    return { ended, session: await startSession(context, db, user.id, how) };
  });
  if (typeof begun === 'string') return refuse(context, origin, user, begun);
  forgetEnded(context, begun.ended);
  return { ...begun.session, user };
}

async function refuse(
  context: Context,
  origin: Origin,
  user: StoredUser | undefined,
  code: 'login.wrong' | 'login.disabled',
): Promise<never> {
  await audit(context.store, origin, user, 'failed');
  throw new Fault(code, code === 'login.wrong' ? 'wrong name or password' : 'the account is disabled');
}

/** A name that was tried may be a password typed into the wrong field: only names that exist are written down. */
function audit(
  db: Db,
  origin: Origin,
  user: StoredUser | undefined,
  outcome: 'done' | 'failed',
): Promise<void> {
  return insertAuditEntry(db, {
    actorId: user?.id ?? null,
    actor: user?.username ?? 'unknown',
    credential: 'password',
    action: 'identity.login',
    targetKind: 'user',
    targetId: user ? String(user.id) : null,
    targetName: user?.username ?? null,
    rootId: null,
    outcome,
    requestId: origin.requestId,
    address: origin.address,
  });
}
