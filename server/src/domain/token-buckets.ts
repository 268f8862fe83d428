import type { RateDecision, RateLimit } from './rate-limit.ts';
import { type Bucket, takeToken } from './token-bucket.ts';

const CAPACITY = 100_000;
/** More than one, so that the sweep is faster than new keys can come. */
const LOOKS_PER_REQUEST = 2;

/**
 * Buckets by key, in memory. There is no timer: each request looks at two other buckets and forgets those that
 * are full, which changes no decision. Past `capacity` it forgets them unseen, so that a flood from ever new
 * addresses fills no memory; a forgotten caller has a full bucket again.
 */
export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>();
  readonly #capacity: number;
  #sweep = this.#buckets.entries();

  constructor(capacity = CAPACITY) {
    this.#capacity = capacity;
  }

  /** How many are kept. */
  get size(): number {
    return this.#buckets.size;
  }

  take(key: string, limit: RateLimit, nowMs: number): RateDecision {
    const { bucket, decision } = takeToken(this.#buckets.get(key), limit, nowMs);
    this.#buckets.set(key, bucket);
    this.#forgetSome(nowMs);
    return decision;
  }

  #forgetSome(nowMs: number): void {
    for (let looks = 0; looks < LOOKS_PER_REQUEST; looks++) {
      const next = this.#sweep.next();
      if (next.done) {
        this.#sweep = this.#buckets.entries();
        return;
      }
      const [key, { fullAtMs }] = next.value;
      if (nowMs >= fullAtMs || this.#buckets.size > this.#capacity) this.#buckets.delete(key);
    }
  }
}
