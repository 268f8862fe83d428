import { listApiKeys, type StoredApiKey } from '../../store/api-keys.ts';
import type { Context } from '../context.ts';
import { adminOperation, type Invocation } from '../operation.ts';
import { getReferenced, type UserReference } from './reference.ts';

/** Lists a user's keys and tokens of both doors, newest first, revoked ones included. Fault: `user.not-found`. */
export const listUserTokens = adminOperation(
  'user-token.list',
  'user:read',
  async (
    context: Context,
    { input }: Invocation<{ readonly user: UserReference }>,
  ): Promise<StoredApiKey[]> => {
    const { id } = await getReferenced(context.store, input.user);
    return listApiKeys(context.store, id);
  },
);
