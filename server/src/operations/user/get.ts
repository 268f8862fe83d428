import type { User } from '../../domain/user.ts';
import type { Context } from '../context.ts';
import { adminOperation, type Invocation } from '../operation.ts';
import { getReferenced, type UserReference, userOf } from './reference.ts';

/** A user, whatever state they are in. Fault: `user.not-found`. */
export const getUser = adminOperation(
  'user.get',
  'user:read',
  async (context: Context, { input }: Invocation<{ readonly user: UserReference }>): Promise<User> =>
    userOf(await getReferenced(context.store, input.user)),
);
