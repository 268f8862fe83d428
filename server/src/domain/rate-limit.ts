/** Token buckets: how fast a caller may ask, and what a decision says. */

export interface RateLimit {
  /** Tokens that come back in a second; a fraction where the limit is per minute. */
  readonly perSecond: number;
  /** The most that the bucket holds; it starts full. */
  readonly burst: number;
}

export interface RateDecision {
  readonly isAllowed: boolean;
  /** Whole tokens left. */
  readonly remaining: number;
  /** Until the bucket is full again. */
  readonly fullInMs: number;
  /** Until one token exists; 0 when this request had one. */
  readonly retryInMs: number;
}

/** Buckets by key, wherever they are kept. A refused request takes nothing. */
export interface BucketStore {
  take(key: string, limit: RateLimit): Promise<RateDecision>;
}
