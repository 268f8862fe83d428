/**
 * Stops connection attempts to a database that is down. After a failure it is open for a pause that doubles up to a
 * limit; behind the pause one attempt is let through. There is no timer: the next request after the pause is the
 * probe, so a thousand broken databases cost nothing.
 */

const FIRST_PAUSE_MS = 100;
/** With the time to connect it stays below the two seconds within which a database that is back must answer. */
const LONGEST_PAUSE_MS = 1_000;

export class CircuitBreaker {
  readonly #now: () => number;
  #failures = 0;
  #opensAt = 0;
  #isProbing = false;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The last attempt failed. */
  get isOpen(): boolean {
    return this.#failures > 0;
  }

  /** `allows` would say no. */
  get isResting(): boolean {
    return this.#failures > 0 && (this.#isProbing || this.#now() < this.#opensAt);
  }

  /** Whether to try to connect now. In an open state one caller gets `true` and must report how it went. */
  allows(): boolean {
    if (this.isResting) return false;
    this.#isProbing = this.isOpen;
    return true;
  }

  /** True when it was open: what was learnt before the failure may be old. */
  succeed(): boolean {
    const wasOpen = this.isOpen;
    this.#failures = 0;
    this.#isProbing = false;
    return wasOpen;
  }

  fail(): void {
    this.#failures += 1;
    this.#isProbing = false;
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (this.#failures - 1), LONGEST_PAUSE_MS);
    this.#opensAt = this.#now() + pauseMs;
  }

  /** The probe ended without an answer to the question, as when the pool was full. */
  abandon(): void {
    this.#isProbing = false;
  }
}
