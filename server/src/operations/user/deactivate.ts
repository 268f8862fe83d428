import type { Context } from '../context.ts';
import { adminOperation, type Invocation } from '../operation.ts';
import { changeUser } from './change.ts';
import type { UserReference } from './reference.ts';

const NOTHING_ELSE = {
  username: null,
  email: null,
  password: null,
  isAdmin: null,
  perSecond: null,
  burst: null,
};

/**
 * Shuts a user out, for the next request on every replica; what is theirs stays. Quiet when repeated. Faults:
 * `user.not-found`, `user.last-admin`.
 */
export const deactivateUser = adminOperation(
  'user.deactivate',
  'user:write',
  async (
    context: Context,
    { caller, origin, input }: Invocation<{ readonly user: UserReference }>,
  ): Promise<void> => {
    const change = { ...NOTHING_ELSE, isActive: false };
    await changeUser(context, 'user.deactivate', { caller, origin }, input.user, change);
  },
);
