import type { Log } from '../kernel/log.ts';
import type { Store } from '../store/store.ts';
import { extendLease, LEASE_MS, type Lease } from '../store/work.ts';

export interface HeldLease {
  /** Aborts when the lease is lost, or cannot be known to be ours any more. */
  readonly signal: AbortSignal;
  stop(): void;
}

/**
 * Keeps a lease while work is under way. Whoever cannot reach the rows for a whole term must stop acting:
 * somebody else may hold the lease by then.
 */
export function holdLease(store: Store, lease: Lease, log: Log): HeldLease {
  const lost = new AbortController();
  let extendedAt = performance.now();
  const timer = setInterval(() => {
    const askedAt = performance.now();
    extendLease(store, lease).then(
      (held) => {
        if (held) extendedAt = askedAt;
        else lost.abort();
      },
      (error) => {
        log.warn({ err: error }, 'a lease could not be extended');
        if (performance.now() - extendedAt > LEASE_MS) lost.abort();
      },
    );
  }, LEASE_MS / 3);
  return { signal: lost.signal, stop: () => clearInterval(timer) };
}
