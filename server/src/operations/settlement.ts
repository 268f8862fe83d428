/**
 * Waiting until a change has come true, for surfaces that promise to answer only then. The rows decide;
 * notifications only say when to look at them again.
 */
import type { ResourceKind } from '../domain/resource.ts';
import { Fault } from '../kernel/fault.ts';
import { findLastEvent } from '../store/events.ts';
import { findResource, type StoredResource } from '../store/resources.ts';
import type { Context } from './context.ts';

const LOOK_MS = 500;

export interface Change {
  readonly id: string;
  readonly kind: ResourceKind;
  readonly generation: number;
}

/** The row once its status answers the change. Faults with `settlement.failed` (details: `reason`, `message`). */
export async function waitUntilSettled(
  context: Context,
  change: Change,
  settleMs: number,
): Promise<StoredResource> {
  const row = await watch(context, change, settleMs, async () => {
    const current = await findResource(context.store, change.kind, change.id);
    if (!current) throw await undone(context, change);
    if (current.failed_generation >= change.generation) throw failed(current);
    return current.observed_generation >= change.generation ? current : undefined;
  });
  return row;
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
        throw new Fault('settlement.failed', 'it took too long', { reason: 'deadline.exceeded' });
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
