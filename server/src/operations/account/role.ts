import { limitsAfterRoleChange } from '../../domain/user.ts';
import type { Session } from '../../store/store.ts';
import { hasOtherActiveAdmin, type StoredUser, type UserChange } from '../../store/users.ts';
import type { Context } from '../context.ts';

/**
 * What has to change for a user to have the role that their provider says, with that role's limits. The last active
 * administrator keeps theirs: a mistake in a list of groups must not lock everybody out. To be asked before the
 * user's row is locked, as whoever takes power away does.
 */
export async function roleChange(
  context: Context,
  db: Session,
  user: StoredUser,
  isAdmin: boolean,
): Promise<UserChange> {
  if (user.is_admin === isAdmin) return {};
  if (!isAdmin && user.is_active && !(await hasOtherActiveAdmin(db, user.id))) {
    context.log.warn(
      { user: user.username },
      'the provider says that the last active administrator is none; the role stays',
    );
    return {};
  }
  const limits = limitsAfterRoleChange(
    context.roleLimits,
    { perSecond: user.rate_limit_per_second, burst: user.rate_limit_burst },
    user.is_admin,
  );
  return {
    is_admin: isAdmin,
    rate_limit_per_second: limits.perSecond,
    rate_limit_burst: limits.burst,
  };
}
