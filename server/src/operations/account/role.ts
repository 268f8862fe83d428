import { limitsAfterRoleChange } from '../../domain/user.ts';
import type { Session } from '../../store/store.ts';
import { hasOtherActiveAdmin, type StoredUser, updateUser } from '../../store/users.ts';
import type { Context } from '../context.ts';

/**
 * Gives a user the role that their provider says, with that role's limits. The last active administrator keeps
 * theirs: a mistake in a list of groups must not lock everybody out.
 */
export async function followProvidersRole(
  context: Context,
  db: Session,
  user: StoredUser,
  isAdmin: boolean,
): Promise<StoredUser> {
  if (user.is_admin === isAdmin) return user;
  if (!isAdmin && user.is_active && !(await hasOtherActiveAdmin(db, user.id))) {
    context.log.warn(
      { user: user.username },
      'the provider says that the last active administrator is none; the role stays',
    );
    return user;
  }
  const limits = limitsAfterRoleChange(
    context.roleLimits,
    { perSecond: user.rate_limit_per_second, burst: user.rate_limit_burst },
    user.is_admin,
  );
  return updateUser(db, user.id, {
    is_admin: isAdmin,
    rate_limit_per_second: limits.perSecond,
    rate_limit_burst: limits.burst,
  });
}
