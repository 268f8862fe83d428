import type { User } from '../../domain/user.ts';
import { listUserPage } from '../../store/users.ts';
import type { Context } from '../context.ts';
import { adminOperation, type Invocation } from '../operation.ts';
import { userOf } from './reference.ts';

export interface ListUsersInput {
  /** `null`: both. */
  readonly isActive: boolean | null;
  readonly limit: number;
  readonly offset: number;
}

export interface UserPage {
  readonly users: readonly User[];
  /** All that match, on every page. */
  readonly total: number;
}

/** Lists users, newest first. */
export const listUsers = adminOperation(
  'user.list',
  'user:read',
  async (context: Context, { input }: Invocation<ListUsersInput>): Promise<UserPage> => {
    const { users, total } = await listUserPage(context.store, input);
    return { users: users.map(userOf), total };
  },
);
