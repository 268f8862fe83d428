import { setTimeout as delay } from 'node:timers/promises';
import type { Log } from './log.ts';
import { isPostmasterAlive, type Postmaster } from './postmaster.ts';

export interface Supervised {
  /** The postmaster that runs now, or that ran last. */
  current(): Postmaster;
  /** Stops watching; the postmaster is left as it is. */
  end(): Promise<void>;
}

const WATCH_MS = 1_000;
const BACKOFF_MS = [1_000, 2_000, 4_000, 8_000, 10_000];
/** After so long a run, a death starts the backoff anew. */
const STABLE_MS = 60_000;

/** Starts Postgres again whenever it dies, for ever, with a growing wait in between; each death is logged. */
export function supervise(
  first: Postmaster,
  bringUp: (signal: AbortSignal) => Promise<Postmaster>,
  log: Log,
): Supervised {
  const ending = new AbortController();
  const { signal } = ending;
  let current = first;

  async function watch(): Promise<void> {
    let failures = 0;
    for (;;) {
      const upSinceMs = performance.now();
      await waitForDeath(current, log, signal);
      if (performance.now() - upSinceMs > STABLE_MS) failures = 0;
      log.error({ pid: current.pid, exit: await current.exited }, 'Postgres died; starting it again');
      for (let isUp = false; !isUp; failures += 1) {
        await delay(BACKOFF_MS[failures] ?? BACKOFF_MS.at(-1), undefined, { signal });
        isUp = await restart();
      }
    }
  }

  async function restart(): Promise<boolean> {
    try {
      current = await bringUp(signal);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      log.error({ err: error }, 'Postgres could not be started; trying again');
      return false;
    }
  }

  const watching = watch().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return {
    current: () => current,
    end: async () => {
      ending.abort();
      await watching;
    },
  };
}

/** One that we launched tells by itself; one that we adopted is no child of ours and has to be watched. */
async function waitForDeath(postmaster: Postmaster, log: Log, signal: AbortSignal): Promise<void> {
  while (isAlive(postmaster, log)) {
    const tick = delay(WATCH_MS, undefined, { signal, ref: false });
    await (postmaster.exited === undefined ? tick : Promise.race([tick, postmaster.exited]));
  }
  signal.throwIfAborted();
}

/** Failing to look, as when there are too many open files, is no death. */
function isAlive(postmaster: Postmaster, log: Log): boolean {
  try {
    return isPostmasterAlive(postmaster);
  } catch (error) {
    log.warn({ err: error, pid: postmaster.pid }, 'Could not look whether Postgres is alive');
    return true;
  }
}
