/**
 * Waiting until a change has come true, for surfaces that promise to answer only then. The rows decide;
 * notifications only say when to look at them again.
 */
import type { ResourceKind } from '../domain/resource.ts';
import { Fault, isFault } from '../kernel/fault.ts';
import { findLastEvent, insertEvent } from '../store/events.ts';
import { findResource, type StoredResource } from '../store/resources.ts';
import { abandonChange } from '../store/work.ts';
import type { Context } from './context.ts';

const LOOK_MS = 500;
const TOO_LATE = 'deadline.exceeded';

export interface Change {
  readonly id: string;
  readonly kind: ResourceKind;
  readonly generation: number;
}

/**
 * The row once its status answers the change. Faults with `settlement.failed` (details: `reason`, `message`);
 * after `settleMs` the change is given up, so that it cannot come true once its caller was told otherwise.
 */
export async function waitUntilSettled(
  context: Context,
  change: Change,
  settleMs: number,
): Promise<StoredResource> {
  const look = async () => {
    const current = await findResource(context.store, change.kind, change.id);
    if (!current) throw await undone(context, change);
    if (current.failed_generation >= change.generation) throw failed(current);
    return current.observed_generation >= change.generation ? current : undefined;
  };
  try {
    return await watch(context, change, settleMs, look);
  } catch (error) {
    if (!isFault(error, 'settlement.failed') || error.details.reason !== TOO_LATE) throw error;
    const settled = (await giveUp(context, change)) ? undefined : await look();
    if (settled) return settled;
    throw error;
  }
}

/** False when it came true at the last moment, or only goes forward. */
function giveUp(context: Context, change: Change): Promise<boolean> {
  const condition = {
    type: 'Ready',
    status: 'false',
    reason: TOO_LATE,
    message: 'it took too long',
    at: new Date().toISOString(),
  } as const;
  return context.store.transaction().execute(async (db) => {
    const row = await abandonChange(db, change, condition);
    if (!row) return false;
    const event = { resourceId: row.id, rootId: row.root_id, ownerId: row.owner_id, wakes: true };
    await insertEvent(db, { ...event, name: `${row.kind}.given-up`, payload: { ...condition } });
    return true;
  });
}

/** Returns once the resource and its row are gone. Faults with `settlement.failed` when an attempt failed. */
export async function waitUntilGone(context: Context, change: Change, settleMs: number): Promise<void> {
  await watch(context, change, settleMs, async () => {
    const current = await findResource(context.store, change.kind, change.id);
    if (!current) return true;
    if (current.attempts > 0 && current.generation === change.generation) throw failed(current);
    return undefined;
  });
}

/** Returns once a given-up change is undone, or once its undo failed and is the reconciler's to repeat. */
export async function waitUntilUndone(context: Context, change: Change, settleMs: number): Promise<void> {
  await watch(context, change, settleMs, async () => {
    const current = await findResource(context.store, change.kind, change.id);
    if (!current || current.attempts > 0) return true;
    return current.observed_generation > change.generation ? true : undefined;
  });
}

async function watch<T>(
  context: Context,
  change: Change,
  settleMs: number,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + settleMs;
  let wake: (() => void) | undefined;
  let changed = false;
  const unsubscribe = context.changes.on((note) => {
    if (note.topic !== 'resource' || note.id !== change.id) return;
    changed = true;
    wake?.();
  });
  try {
    for (;;) {
      changed = false;
      const found = await look();
      if (found !== undefined) return found;
      if (Date.now() >= deadline) {
        throw new Fault('settlement.failed', 'it took too long', { reason: TOO_LATE });
      }
      if (changed) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LOOK_MS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    unsubscribe();
  }
}

function failed(row: StoredResource): Fault {
  const condition = row.conditions[0];
  return new Fault('settlement.failed', condition?.message ?? 'it could not be made true', {
    reason: condition?.reason ?? 'unexpected',
  });
}

async function undone(context: Context, change: Change): Promise<Fault> {
  const event = await findLastEvent(context.store, change.id, `${change.kind}.undone`);
  return new Fault('settlement.failed', String(event?.message ?? 'it was removed meanwhile'), {
    reason: event?.reason ?? 'removed',
  });
}
