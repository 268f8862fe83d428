import type { Caller } from '../../domain/caller.ts';
import type { RateDecision, RateLimit } from '../../domain/rate-limit.ts';
import type { Context } from '../context.ts';

export function limitOf(caller: Caller): RateLimit {
  return { perSecond: caller.rateLimitPerSecond, burst: caller.rateLimitBurst };
}

/** Takes a token of the caller's own bucket, whatever credential they show. Answers at once in one process. */
export function takeUserToken(
  context: Pick<Context, 'limiter'>,
  caller: Caller,
): RateDecision | Promise<RateDecision> {
  return context.limiter.take(`user ${caller.userId}`, limitOf(caller));
}
