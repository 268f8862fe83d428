import { findApiKey, revokeApiKey as revokeStored } from '../../store/api-keys.ts';
import { notifyUserChanged } from '../../store/changes.ts';
import { ownerOperation } from '../operation.ts';
import { recordAudit } from '../record.ts';

/** Revokes a key or token, for the next request on every replica. Quiet when repeated. Fault: `api-key.not-found`. */
export const revokeApiKey = ownerOperation({
  name: 'api-key.revoke',
  needs: 'account:write',
  absent: 'api-key.not-found',
  async find(context, input: { id: number }) {
    const key = await findApiKey(context.store, input.id);
    return key && { ...key, ownerId: key.user_id };
  },
  async run(context, { caller, origin }, key): Promise<void> {
    await context.store.transaction().execute(async (db) => {
      await revokeStored(db, key.id);
      const target = { kind: 'api_key', id: String(key.id), name: key.name, rootId: null };
      await recordAudit(db, 'api-key.revoke', { caller, origin }, target, 'done');
      await notifyUserChanged(db, key.user_id);
    });
    // The notification is for the others; here nothing may pass between the answer and its arrival.
    context.credentials.forgetUser(key.user_id);
  },
});
