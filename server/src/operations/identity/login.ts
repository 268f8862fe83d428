import type { Origin } from '../../domain/caller.ts';
import { Fault } from '../../kernel/fault.ts';
import { verifyPassword } from '../../kernel/password.ts';
import { findUserByName, lockUser, type StoredUser } from '../../store/users.ts';
import type { Context } from '../context.ts';
import { endCookieSession, forgetEnded } from '../session/replace.ts';
import { auditSignIn } from './audit-sign-in.ts';
import { type SignedIn, startSession } from './start-session.ts';

const METHOD = 'password';

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
    await auditSignIn(db, { user, method: METHOD, origin, outcome: 'done' });
    const how = { carrier: input.carrier, method: METHOD, origin };
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
  await auditSignIn(context.store, { user, method: METHOD, origin, outcome: 'failed' });
  throw new Fault(code, code === 'login.wrong' ? 'wrong name or password' : 'the account is disabled');
}
