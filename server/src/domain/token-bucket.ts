import type { RateDecision, RateLimit } from './rate-limit.ts';

/**
 * Levels are whole billionths of a token: a wait that was promised is then long enough to the digit, and a
 * flood of refused requests loses nothing to rounding.
 */
const TOKEN = 1e9;
const MS_PER_SECOND = 1_000;
/** Below what any answer shows, above what a division of doubles gets wrong. */
const ROUNDING = 1 - 1e-12;

export interface Bucket {
  readonly nanoTokens: number;
  readonly atMs: number;
  /** From then on the bucket is like none at all: full, whatever the limit is by then. */
  readonly fullAtMs: number;
}

export interface Taken {
  readonly bucket: Bucket;
  readonly decision: RateDecision;
}

/**
 * Takes one token, if there is one. No bucket is a full one. What a limit allows holds from the next request:
 * the level never exceeds the new burst. A clock that went backwards refills nothing and delays nothing.
 */
export function takeToken(bucket: Bucket | undefined, limit: RateLimit, nowMs: number): Taken {
  const level = levelAt(bucket, limit, nowMs);
  const after = level - TOKEN;
  const nanoTokens = after >= 0 ? after : level;
  return {
    bucket: { nanoTokens, atMs: nowMs, fullAtMs: nowMs + refillMs(limit.burst * TOKEN - nanoTokens, limit) },
    decision: decisionOf(after, limit),
  };
}

function levelAt(bucket: Bucket | undefined, limit: RateLimit, nowMs: number): number {
  const full = limit.burst * TOKEN;
  if (bucket === undefined || nowMs >= bucket.fullAtMs) return full;
  const elapsedMs = Math.max(0, nowMs - bucket.atMs);
  return Math.min(
    full,
    bucket.nanoTokens + Math.round((elapsedMs * limit.perSecond * TOKEN) / MS_PER_SECOND),
  );
}

/**
 * What a request is told: `after` is the level of its bucket less one token, in billionths of a token, and below
 * zero when there was none to take. Waits are whole ms, rounded up.
 */
export function decisionOf(after: number, limit: RateLimit): RateDecision {
  const isAllowed = after >= 0;
  const nanoTokens = isAllowed ? after : after + TOKEN;
  return {
    isAllowed,
    remaining: Math.floor(nanoTokens / TOKEN),
    fullInMs: Math.ceil(refillMs(limit.burst * TOKEN - nanoTokens, limit) * ROUNDING),
    retryInMs: isAllowed ? 0 : Math.ceil(refillMs(-after, limit) * ROUNDING),
  };
}

function refillMs(nanoTokens: number, limit: RateLimit): number {
  return (nanoTokens * MS_PER_SECOND) / (limit.perSecond * TOKEN);
}
