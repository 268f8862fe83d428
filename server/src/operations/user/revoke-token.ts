import { Fault } from '../../kernel/fault.ts';
import { findApiKey, revokeApiKey } from '../../store/api-keys.ts';
import { notifyUserChanged } from '../../store/changes.ts';
import type { Context } from '../context.ts';
import { adminOperation, type Invocation } from '../operation.ts';
import { recordAudit } from '../record.ts';
import { getReferenced, type UserReference } from './reference.ts';

export interface RevokeUserTokenInput {
  readonly user: UserReference;
  /** `null`: nothing has it. */
  readonly id: number | null;
}

/**
 * Revokes a key or token of a user, for the next request on every replica. Quiet when repeated. Faults:
 * `user.not-found`, and `api-key.not-found` also when it is somebody else's.
 */
export const revokeUserToken = adminOperation(
  'user-token.revoke',
  'user:write',
  async (context: Context, { caller, origin, input }: Invocation<RevokeUserTokenInput>): Promise<void> => {
    const user = await getReferenced(context.store, input.user);
    const key = input.id === null ? undefined : await findApiKey(context.store, input.id);
    if (key?.user_id !== user.id) throw new Fault('api-key.not-found', 'the user has no such token');
    await context.store.transaction().execute(async (db) => {
      await revokeApiKey(db, key.id);
      const target = { kind: 'api_key', id: String(key.id), name: key.name, rootId: null };
      await recordAudit(db, 'user-token.revoke', { caller, origin }, target, 'done', { user_id: user.id });
      await notifyUserChanged(db, user.id);
    });
    context.credentials.forgetUser(user.id);
  },
);
