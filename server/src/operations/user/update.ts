import type { User } from '../../domain/user.ts';
import type { Context } from '../context.ts';
import { adminOperation, type Invocation } from '../operation.ts';
import { changeUser, type RequestedChange } from './change.ts';
import type { UserReference } from './reference.ts';

export interface UpdateUserInput {
  readonly user: UserReference;
  readonly change: RequestedChange;
}

/**
 * Changes a user; the rules are those of `changeUser`. Faults: `user.not-found`, `user.last-admin`,
 * `user.username-taken`, `user.email-taken`.
 */
export const updateUser = adminOperation(
  'user.update',
  'user:write',
  (context: Context, { caller, origin, input }: Invocation<UpdateUserInput>): Promise<User> =>
    changeUser(context, 'user.update', { caller, origin }, input.user, input.change),
);
