/** Turns what an attempt ended with into rows: status, condition, event; all in one transaction. */
import { type Condition, isSettled } from '../domain/resource.ts';
import { Fault } from '../kernel/fault.ts';
import { insertSystemAudit } from '../store/audit.ts';
import { insertEvent } from '../store/events.ts';
import { type StoredResource, toResource } from '../store/resources.ts';
import type { Session } from '../store/store.ts';
import { type Lease, postponeResource, removeResource, settleResource, takeFallback } from '../store/work.ts';
import type { Converged } from './converge.ts';

function eventOf(row: StoredResource, what: string, payload: Record<string, unknown> = {}) {
  return {
    name: `${row.kind}.${what}`,
    resourceId: row.id,
    rootId: row.root_id,
    ownerId: row.owner_id,
    payload,
  };
}

/** True while a change that was given up is being undone. */
function isUndoing(row: StoredResource): boolean {
  return (
    row.desired === 'absent' && row.failed_generation > 0 && row.generation === row.failed_generation + 1
  );
}

/** A condition for people: what we understand keeps its text, everything else is only named. */
export function conditionOf(error: unknown, at: Date): Condition {
  const known = error instanceof Fault;
  return {
    type: 'Ready',
    status: 'false',
    reason: known ? error.code : 'unexpected',
    message: known ? error.message : 'an unexpected error; the log has the details',
    at: at.toISOString(),
  };
}

/** The resource is as it was asked for. Steps taken without a new generation repaired drift. */
export async function recordSettled(
  db: Session,
  lease: Lease,
  row: StoredResource,
  result: { converged: Converged<unknown>; status: unknown; nextLookMs: number; at: Date },
): Promise<void> {
  const resource = toResource(row);
  const steps = result.converged.steps;
  const wasReady = resource.conditions.some((c) => c.status === 'true');
  const condition: Condition = {
    type: 'Ready',
    status: 'true',
    reason: 'settled',
    message: '',
    at: result.at.toISOString(),
  };
  const held = await settleResource(db, lease, row, {
    generation: row.generation,
    status: result.status,
    condition: wasReady ? (resource.conditions[0] ?? condition) : condition,
    nextLookMs: result.nextLookMs,
  });
  if (!held) return;
  if (!isSettled(resource)) await insertEvent(db, eventOf(row, 'settled', { generation: row.generation }));
  else if (steps.length > 0) await insertEvent(db, eventOf(row, 'repaired', { steps }));
  else if (!wasReady) await insertEvent(db, eventOf(row, 'recovered'));
}

/** Nothing is left outside: the row goes too, and its name is free. */
export async function recordGone(db: Session, lease: Lease, row: StoredResource): Promise<void> {
  const condition = row.conditions[0];
  const undone = isUndoing(row);
  if (!(await removeResource(db, lease, row.id))) return;
  const payload = undone && condition ? { reason: condition.reason, message: condition.message } : {};
  await insertEvent(db, eventOf(row, undone ? 'undone' : 'removed', payload));
}

/**
 * An attempt failed. A change that a caller waits for is given up at once, so that its undo is as prompt as
 * the answer; anything else is tried again later.
 */
export async function recordFailure(
  db: Session,
  lease: Lease,
  row: StoredResource,
  failure: { condition: Condition; delayMs: number },
): Promise<void> {
  // The reason of an undo stays the reason that started it.
  const [first] = row.conditions;
  const condition = isUndoing(row) && first ? first : failure.condition;
  const gaveUp = await takeFallback(db, lease, row, condition);
  const written = gaveUp || (await postponeResource(db, lease, row, condition, failure.delayMs));
  // The same failure again is no news: neither feed nor audit log grows with the tries.
  if (!written || (!gaveUp && first?.reason === condition.reason)) return;
  await insertEvent(db, eventOf(row, gaveUp ? 'given-up' : 'failed', { ...failure.condition }));
  await insertSystemAudit(db, {
    action: `${row.kind}.reconcile`,
    targetKind: row.kind,
    targetId: row.id,
    targetName: row.name,
    rootId: row.root_id,
    outcome: 'failed',
    details: { reason: failure.condition.reason, message: failure.condition.message },
  });
}
