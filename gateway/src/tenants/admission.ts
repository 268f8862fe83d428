/** Bounds what one tenant does at a time, so that its flood stays its own. */
import { acquisitionTimeout, tooManyWaiting } from '../run/connection-faults.ts';

interface Waiter {
  readonly enter: () => void;
  readonly timer: NodeJS.Timeout;
}

export interface AdmissionLimits {
  readonly running: number;
  readonly waiting: number;
  readonly waitMs: number;
}

export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #waiters = new Set<Waiter>();
  #running = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  /**
   * Runs the work when there is room. Throws `RestFault`: 503 at once when too many wait, 504 when it waited too long.
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running < this.#limits.running) this.#running += 1;
    else await this.#wait();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #wait(): Promise<void> {
    if (this.#waiters.size >= this.#limits.waiting) throw tooManyWaiting();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(acquisitionTimeout());
      }, this.#limits.waitMs);
      const waiter: Waiter = { enter: resolve, timer };
      this.#waiters.add(waiter);
    });
  }

  /** The place goes straight to who waits longest, so `running` stays as it is. */
  #leave(): void {
    const [next] = this.#waiters;
    if (next === undefined) {
      this.#running -= 1;
      return;
    }
    this.#waiters.delete(next);
    clearTimeout(next.timer);
    next.enter();
  }
}
