/** Counts what comes within a span of time, exactly: it slides. */
export class MessageWindow {
  readonly #most: number;
  readonly #spanMs: number;
  /** When the latest came, oldest first; never more than `#most`. */
  readonly #times: number[] = [];

  constructor(most: number, spanMs: number) {
    this.#most = most;
    this.#spanMs = spanMs;
  }

  /** False for one too many; that one is not counted. */
  admit(nowMs: number): boolean {
    if (this.#times.length === this.#most) {
      if (nowMs - (this.#times[0] ?? 0) < this.#spanMs) return false;
      this.#times.shift();
    }
    this.#times.push(nowMs);
    return true;
  }
}
