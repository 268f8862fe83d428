import type { RateDecision, RateLimit } from '../../domain/rate-limit.ts';

/** A division of doubles may come out above the whole number that it is. */
const ROUNDING = 1 - 1e-12;

/**
 * Renders a decision as the headers of the contract (orchestrator, 4.2 and 4.3; the two without `X-` are the IETF
 * draft's). `shownLimit` is what `X-RateLimit-Limit` says: per second for a user, per minute for the sign-in.
 * Seconds are rounded up, so that who waits for them has waited long enough.
 */
export function rateLimitHeaders(
  policy: 'login' | 'redirect' | 'user',
  limit: RateLimit,
  shownLimit: number,
  decision: RateDecision,
  nowMs: number,
): Record<string, string> {
  const { isAllowed, remaining, fullInMs, retryInMs } = decision;
  const refillSeconds = Math.ceil((limit.burst / limit.perSecond) * ROUNDING);
  return {
    'x-ratelimit-limit': `${shownLimit}`,
    'x-ratelimit-remaining': `${remaining}`,
    'x-ratelimit-reset': `${wholeSeconds(nowMs + fullInMs)}`,
    'ratelimit-policy': `"${policy}";q=${limit.burst};w=${refillSeconds}`,
    ratelimit: `"${policy}";r=${remaining};t=${wholeSeconds(fullInMs)}`,
    ...(!isAllowed && { 'retry-after': `${Math.max(1, wholeSeconds(retryInMs))}` }),
  };
}

function wholeSeconds(timeMs: number): number {
  return Math.ceil(timeMs / 1_000);
}
