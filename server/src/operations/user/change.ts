/** What updating and deactivating share: one change of one user, and what it ends. */
import { limitsAfterRoleChange, type RoleLimits, type User } from '../../domain/user.ts';
import { Fault } from '../../kernel/fault.ts';
import { hashPassword } from '../../kernel/password.ts';
import { notifyUserChanged } from '../../store/changes.ts';
import { revokeSessionsOf } from '../../store/sessions.ts';
import type { Session } from '../../store/store.ts';
import {
  hasOtherActiveAdmin,
  lockUser,
  type StoredUser,
  takenPartOf,
  type UserChange,
  updateUser,
} from '../../store/users.ts';
import type { Context } from '../context.ts';
import { assertUnlimited, type Invocation } from '../operation.ts';
import { recordAudit } from '../record.ts';
import { auditTarget, getReferenced, type UserReference, userOf } from './reference.ts';

/** What is to become of a user; `null` leaves it as it is. Every text in it was checked. */
export interface RequestedChange {
  readonly username: string | null;
  readonly email: string | null;
  readonly password: string | null;
  readonly isAdmin: boolean | null;
  readonly isActive: boolean | null;
  readonly perSecond: number | null;
  readonly burst: number | null;
}

/**
 * Changes a user, for the next request on every replica; what is so already is no change. A new password, and
 * deactivation, end the user's sessions. Faults: `user.not-found`, `user.last-admin`, `user.username-taken`,
 * `user.email-taken`, `forbidden.limited-key`.
 */
export async function changeUser(
  context: Context,
  action: string,
  invocation: Pick<Invocation<unknown>, 'caller' | 'origin'>,
  reference: UserReference,
  requested: RequestedChange,
): Promise<User> {
  const takesOver = requested.password !== null || requested.email !== null || requested.isAdmin === true;
  if (takesOver) assertUnlimited(invocation.caller);
  const { id } = await getReferenced(context.store, reference);
  const passwordHash = requested.password === null ? null : await hashPassword(requested.password);
  try {
    const user = await context.store.transaction().execute(async (db) => {
      const { before, change } = await decide(context, db, id, requested);
      if (passwordHash !== null) change.password_hash = passwordHash;
      if (Object.keys(change).length === 0) return before;
      const after = await updateUser(db, id, change);
      if (passwordHash !== null || change.is_active === false) await revokeSessionsOf(db, id);
      await recordAudit(db, action, invocation, auditTarget(after), 'done', shown(change));
      await notifyUserChanged(db, id);
      return after;
    });
    // The notification is for the others; here nothing may pass between the answer and its arrival.
    context.credentials.forgetUser(id);
    return userOf(user);
  } catch (error) {
    const taken = takenPartOf(error);
    if (taken === undefined) throw error;
    throw new Fault(`user.${taken}-taken`, `somebody has this ${taken}`, {}, error);
  }
}

interface Decision {
  readonly before: StoredUser;
  readonly change: UserChange;
}

/**
 * What has to be written. Whether somebody else administrates is asked before the row is locked: everybody who
 * needs both locks takes them in this order.
 */
async function decide(
  context: Context,
  db: Session,
  id: number,
  requested: RequestedChange,
): Promise<Decision> {
  const mayTakePower = requested.isAdmin === false || requested.isActive === false;
  const isReplaceable = !mayTakePower || (await hasOtherActiveAdmin(db, id));
  const before = await lockUser(db, id);
  const change = differences(before, wanted(context.roleLimits, before, requested));
  const losesPower = change.is_admin === false || change.is_active === false;
  if (losesPower && !isReplaceable && before.is_admin && before.is_active) {
    throw new Fault('user.last-admin', 'nobody else could administrate');
  }
  return { before, change };
}

/** Limits that were the old role's follow the role, unless the request states them. */
function wanted(roles: RoleLimits, before: StoredUser, requested: RequestedChange): UserChange {
  const limits = { perSecond: before.rate_limit_per_second, burst: before.rate_limit_burst };
  const changesRole = requested.isAdmin !== null && requested.isAdmin !== before.is_admin;
  const moved = changesRole ? limitsAfterRoleChange(roles, limits, before.is_admin) : limits;
  return {
    username: requested.username ?? before.username,
    email: requested.email ?? before.email,
    is_admin: requested.isAdmin ?? before.is_admin,
    is_active: requested.isActive ?? before.is_active,
    rate_limit_per_second: requested.perSecond ?? moved.perSecond,
    rate_limit_burst: requested.burst ?? moved.burst,
  };
}

function differences(before: StoredUser, after: UserChange): UserChange {
  const changed = Object.entries(after).filter(
    ([field, value]) => before[field as keyof UserChange] !== value,
  );
  return Object.fromEntries(changed) as UserChange;
}

/** For the audit log: what is new, but not the password. */
function shown({ password_hash, ...change }: UserChange): Record<string, unknown> {
  return password_hash === undefined ? change : { ...change, password: 'changed' };
}
