/** How a request's transaction ends. */
import type { TenantSettings } from '../config/settings.ts';
import type { Plan } from '../plan/plan.ts';
import type { ApiRequest, Preferences } from '../request/api-request.ts';

export type TransactionEnd = 'COMMIT' | 'ROLLBACK';

/** `Prefer: tx` counts only where the settings let it. */
export function chooseEnd(
  dbTxEnd: TenantSettings['dbTxEnd'],
  preferred: Preferences['transaction'],
): TransactionEnd {
  const isRollback = dbTxEnd.startsWith('rollback');
  if (preferred === null || !dbTxEnd.endsWith('-allow-override')) return isRollback ? 'ROLLBACK' : 'COMMIT';
  return preferred === 'rollback' ? 'ROLLBACK' : 'COMMIT';
}

/**
 * Whether the result must be looked at before the transaction may end: a change that breaks a condition of the
 * client must change nothing. Everything else ends in the round trip that it began in.
 */
export function needsCheck(
  plan: Pick<Plan, 'access' | 'body' | 'maxAffected' | 'mediaType'>,
  request: Pick<ApiRequest, 'action'> | undefined,
): boolean {
  if (plan.access === 'read only' || plan.body.kind === 'explain') return false;
  return (
    plan.maxAffected !== null ||
    plan.mediaType.type.startsWith('application/vnd.pgrst.object') ||
    request?.action === 'single-upsert'
  );
}
