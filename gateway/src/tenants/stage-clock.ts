/** How long the stages of one request took, by the names of `Server-Timing`. */
export class StageClock {
  readonly stages: Record<string, number> = {};
  #startedAt = performance.now();

  /** The stage that began with the end of the one before is over. */
  end(stage: string): void {
    const now = performance.now();
    this.stages[stage] = now - this.#startedAt;
    this.#startedAt = now;
  }

  /** What passed since then belongs to no stage. */
  restart(): void {
    this.#startedAt = performance.now();
  }
}
