/** Takes tokens for requests and says so in the headers. Source: contract orchestrator, sections 4.2 and 4.3. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../../domain/caller.ts';
import type { RateDecision, RateLimit } from '../../domain/rate-limit.ts';
import { clientNetwork } from '../../kernel/address-list.ts';
import type { Context } from '../../operations/context.ts';
import { limitOf, takeUserToken as takeToken } from '../../operations/identity/user-limit.ts';
import { ProblemError } from './problem.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';
import { bucketOf, type WebSettings } from './web-settings.ts';

/** One token of the caller's own bucket, whatever credential they show. */
export async function takeUserToken(context: Context, caller: Caller, reply: FastifyReply): Promise<void> {
  const limit = limitOf(caller);
  const taken = takeToken(context, caller);
  // A decision of this process is there at once, and need not wait for a turn.
  const decision = taken instanceof Promise ? await taken : taken;
  answer(reply, 'user', limit, limit.perSecond, decision);
}

/** Redirects to a provider are no attempts, but each leaves a row for ten minutes. */
const REDIRECTS_PER_ATTEMPT = 12;

/** One token of the address that tries to sign in; before anything that it sent is read. */
export async function takeAddressToken(
  policy: 'login' | 'redirect',
  context: Context,
  web: WebSettings,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const factor = policy === 'login' ? 1 : REDIRECTS_PER_ATTEMPT;
  const perMinute = web.loginLimit.perMinute * factor;
  const limit = bucketOf({ perMinute, burst: web.loginLimit.burst * factor });
  const decision = await context.limiter.take(`${policy} ${clientNetwork(request.ip)}`, limit);
  answer(reply, policy, limit, perMinute, decision);
}

function answer(
  reply: FastifyReply,
  policy: 'login' | 'redirect' | 'user',
  limit: RateLimit,
  shownLimit: number,
  decision: RateDecision,
): void {
  reply.headers(rateLimitHeaders(policy, limit, shownLimit, decision, Date.now()));
  if (!decision.isAllowed) throw new ProblemError({ kind: 'rate-limited' });
}
