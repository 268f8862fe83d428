import type { BucketStore, RateDecision, RateLimit } from '../domain/rate-limit.ts';
import { TokenBuckets } from '../domain/token-buckets.ts';
import { withDeadline } from '../kernel/deadline.ts';
import { Fault } from '../kernel/fault.ts';

/** What a request waits at most for the shared buckets; past it the process decides. */
const ASK_MS = 250;
const CHECK_MS = 2_000;
const RETRY_MS = 1_000;
const TRIAL_KEY = 'trial';
const TRIAL_LIMIT: RateLimit = { perSecond: 1, burst: 1 };

export type SharedHealth = 'not_configured' | 'healthy' | 'unhealthy';

export interface RateLimiterParts {
  /** The buckets that all replicas share; without them each process has its own. */
  readonly shared?: BucketStore | undefined;
  readonly log: {
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
  };
}

/**
 * Decides whether a caller may ask now. While the shared buckets do not answer, this process decides by its own,
 * which start full, and no request waits for them; about once a second one of them is tried behind the back of
 * a request (orchestrator contract, 4.2).
 */
export class RateLimiter {
  readonly #own = new TokenBuckets();
  readonly #shared: BucketStore | undefined;
  readonly #log: RateLimiterParts['log'];
  #isDown = false;
  #isTrying = false;
  #nextTryAtMs = 0;

  constructor({ shared, log }: RateLimiterParts) {
    this.#shared = shared;
    this.#log = log;
  }

  /** Takes a token of the bucket of this key. Never rejects; answers at once when this process decides. */
  take(key: string, limit: RateLimit): RateDecision | Promise<RateDecision> {
    if (this.#shared === undefined) return this.#takeOwn(key, limit);
    if (!this.#isDown) return this.#takeShared(this.#shared, key, limit);
    if (performance.now() >= this.#nextTryAtMs && !this.#isTrying) {
      this.#nextTryAtMs = performance.now() + RETRY_MS;
      void this.#tryShared(this.#shared, ASK_MS);
    }
    return this.#takeOwn(key, limit);
  }

  /** What is known of the shared buckets, without asking them. */
  health(): SharedHealth {
    if (this.#shared === undefined) return 'not_configured';
    return this.#isDown ? 'unhealthy' : 'healthy';
  }

  /** Asks the shared buckets for a decision, with 2 s for the answer, and acts on what it learns. */
  async check(): Promise<SharedHealth> {
    if (this.#shared !== undefined) await this.#tryShared(this.#shared, CHECK_MS);
    return this.health();
  }

  #takeOwn(key: string, limit: RateLimit): RateDecision {
    return this.#own.take(key, limit, performance.now());
  }

  /** A timer of its own, because a deadline with a signal costs half as much again as the whole request. */
  #takeShared(shared: BucketStore, key: string, limit: RateLimit): Promise<RateDecision> {
    return new Promise((resolve) => {
      let isOpen = true;
      const giveUp = (error: unknown) => {
        if (!isOpen) return;
        isOpen = false;
        clearTimeout(timer);
        this.#lose(error);
        resolve(this.#takeOwn(key, limit));
      };
      const timer = setTimeout(() => {
        // When this process itself stood still, answers have come that are not read yet: they go first.
        setImmediate(giveUp, new Fault('deadline.exceeded', `no decision within ${ASK_MS} ms`));
      }, ASK_MS);
      shared.take(key, limit).then((decision) => {
        isOpen = false;
        clearTimeout(timer);
        resolve(decision);
      }, giveUp);
    });
  }

  /** A decision, not a ping: a store that answers but cannot write is of no use. */
  async #tryShared(shared: BucketStore, timeoutMs: number): Promise<void> {
    this.#isTrying = true;
    const startMs = performance.now();
    try {
      await withDeadline('the shared rate limit', timeoutMs, () => shared.take(TRIAL_KEY, TRIAL_LIMIT));
      // What is too slow for a request would be lost again by the next one.
      if (performance.now() - startMs <= ASK_MS) this.#regain();
    } catch (error) {
      this.#lose(error);
    } finally {
      this.#isTrying = false;
    }
  }

  #lose(error: unknown): void {
    this.#nextTryAtMs = performance.now() + RETRY_MS;
    if (this.#isDown) return;
    this.#isDown = true;
    this.#log.warn({ err: error }, 'the shared rate limits cannot be reached; each process limits by itself');
  }

  #regain(): void {
    if (!this.#isDown) return;
    this.#isDown = false;
    this.#log.info({}, 'the shared rate limits are back');
  }
}
