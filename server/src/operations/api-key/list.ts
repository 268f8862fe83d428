import { listApiKeys as listStored, type StoredApiKey } from '../../store/api-keys.ts';
import type { Context } from '../context.ts';
import { type Invocation, userOperation } from '../operation.ts';

/** Lists the caller's keys and tokens of both doors, newest first, revoked ones included. */
export const listApiKeys = userOperation(
  'api-key.list',
  'account:read',
  (context: Context, { caller }: Invocation<undefined>): Promise<StoredApiKey[]> =>
    listStored(context.store, caller.userId),
);
