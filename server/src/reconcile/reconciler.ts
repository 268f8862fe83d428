/**
 * Keeps every resource as it was asked for. It wakes on a hint or once a second, claims a root that is due,
 * brings the root and its parts in line one after another, and gives the lease back.
 */
import type { ResourceKind } from '../domain/resource.ts';
import { withDeadline } from '../kernel/deadline.ts';
import type { Log } from '../kernel/log.ts';
import type { ChangeFeed } from '../store/changes.ts';
import type { StoredResource } from '../store/resources.ts';
import type { Store } from '../store/store.ts';
import { claimWork, type Lease, listDue, releaseLease } from '../store/work.ts';
import { backoffMs } from './backoff.ts';
import type { FailPoint } from './fail-point.ts';
import { holdLease } from './hold-lease.ts';
import { conditionOf, recordFailure, recordGone, recordSettled } from './outcome.ts';
import type { ReconciledKind } from './reconciled-kind.ts';

const SWEEP_MS = 1_000;
const ATTEMPT_MS = 60_000;

export interface ReconcilerSettings {
  readonly holder: string;
  /** How many roots at once. */
  readonly concurrency: number;
  /** How often a settled resource is looked at although nobody asked. */
  readonly lookIntervalMs: number;
}

export interface ReconcilerParts {
  readonly store: Store;
  readonly changes: ChangeFeed;
  readonly kinds: Readonly<Record<ResourceKind, ReconciledKind>>;
  readonly failPoint: FailPoint;
  readonly log: Log;
}

export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #settings: ReconcilerSettings;
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #sweep: NodeJS.Timeout | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor(parts: ReconcilerParts, settings: ReconcilerSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  start(): void {
    this.#unsubscribe = this.#parts.changes.on((change) => {
      if (change.topic === 'resource' && change.wakes) this.wake(change.rootId);
    });
    this.#sweep = setInterval(() => this.wake(null), SWEEP_MS);
    this.wake(null);
  }

  /** Takes no new work and waits for what is under way; after `graceMs` that is told to stop. */
  async stop(graceMs: number): Promise<void> {
    this.#unsubscribe?.();
    clearInterval(this.#sweep);
    const grace = setTimeout(() => this.#stopping.abort(), graceMs);
    this.#sweep = undefined;
    await Promise.allSettled([...this.#running]);
    clearTimeout(grace);
  }

  /** Looks for work: at one root, or at all of them. Does nothing when all hands are busy. */
  wake(rootId: string | null): void {
    if (this.#sweep === undefined || this.#running.size >= this.#settings.concurrency) return;
    const run = this.#work(rootId)
      .catch((error) =>
        this.#parts.log.error({ err: error }, 'reconciling failed; the next sweep tries again'),
      )
      .finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async #work(rootId: string | null): Promise<void> {
    const { store } = this.#parts;
    const lease = await claimWork(store, this.#settings.holder, rootId);
    if (!lease) return;
    // Where there is one there may be more; a hint names its root, so only sweeps fan out.
    if (rootId === null) this.wake(null);
    const held = holdLease(store, lease, this.#parts.log);
    try {
      await this.#reconcileRoot(lease, AbortSignal.any([held.signal, this.#stopping.signal]));
    } finally {
      held.stop();
      const due = await releaseLease(store, lease);
      setImmediate(() => this.wake(due ? lease.rootId : null));
    }
  }

  async #reconcileRoot(lease: Lease, signal: AbortSignal): Promise<void> {
    for (const row of await listDue(this.#parts.store, lease.rootId)) {
      if (signal.aborted) return;
      const goesOn = await this.#attempt(lease, row, signal);
      if (!goesOn) return;
    }
  }

  /** One attempt at one resource. True when the rest of its root can have its turn. */
  async #attempt(lease: Lease, row: StoredResource, signal: AbortSignal): Promise<boolean> {
    const { store, kinds, failPoint, log } = this.#parts;
    const kind = kinds[row.kind];
    try {
      const point = `${row.kind}/${row.desired}`;
      const converged = await withDeadline(
        `${row.kind} ${row.name}`,
        ATTEMPT_MS,
        (attempt) => kind.converge(row, store, { signal: attempt, point, failPoint }),
        signal,
      );
      const gone = row.desired === 'absent' && converged.observation === null;
      const status = kind.toStatus(converged.observation, row);
      const nextLookMs = Math.round(this.#settings.lookIntervalMs * (0.9 + 0.2 * Math.random()));
      failPoint(`settle/${row.kind}:before`);
      await store.transaction().execute(async (db) => {
        if (gone) await recordGone(db, lease, row);
        else await recordSettled(db, lease, row, { converged, status, nextLookMs, at: new Date() });
      });
      failPoint(`settle/${row.kind}:after`);
      if (converged.steps.length > 0)
        log.info({ resource: row.id, kind: row.kind, steps: converged.steps }, 'reconciled');
      return !gone || row.id !== row.root_id;
    } catch (error) {
      if (signal.aborted) return false;
      log.warn({ err: error, resource: row.id, kind: row.kind }, 'an attempt failed');
      const failure = {
        condition: conditionOf(error, new Date()),
        delayMs: backoffMs(row.attempts, Math.random()),
      };
      await store.transaction().execute((db) => recordFailure(db, lease, row, failure));
      return row.id !== row.root_id;
    }
  }
}
