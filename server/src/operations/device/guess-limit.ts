import type { RateLimit } from '../../domain/rate-limit.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Context } from '../context.ts';

/** Far more than a person types, far too few to find one code among 2^34 in its ten minutes. */
const LIMIT: RateLimit = { perSecond: 10 / 60, burst: 20 };

/**
 * Counts a code that a user names, right or wrong: were only wrong ones counted, a guess that hits would always
 * pass. Fault: `device.too-many-codes`, with `retryInSeconds`.
 */
export async function countCode(context: Context, userId: number): Promise<void> {
  const { isAllowed, retryInMs } = await context.limiter.take(`device ${userId}`, LIMIT);
  if (isAllowed) return;
  const retryInSeconds = Math.max(1, Math.ceil(retryInMs / 1000));
  throw new Fault('device.too-many-codes', 'too many codes in a short time', { retryInSeconds });
}
