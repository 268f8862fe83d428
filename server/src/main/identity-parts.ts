/** Opens what sign-in and limits stand on: providers, and the Redis that replicas share. */
import { openOidcProvider } from '../drivers/oidc/open-oidc-provider.ts';
import { openRedisBuckets } from '../drivers/redis/redis-buckets.ts';
import type { Log } from '../kernel/log.ts';
import type { Context } from '../operations/context.ts';
import { RateLimiter } from '../operations/rate-limiter.ts';
import type { IdentityConfig } from './config-identity.ts';

export type IdentityParts = Pick<Context, 'limiter' | 'providers' | 'sessions' | 'postLogoutUrl'>;

/** None of these being down delays a start: each is tried again, and readiness or the sign-in page says so. */
export async function openIdentityParts(
  { providers, redisUrl, sessions, postLogoutUrl }: IdentityConfig,
  log: Log,
  closers: (() => Promise<unknown>)[],
): Promise<IdentityParts> {
  const shared = redisUrl === null ? undefined : await openRedisBuckets({ url: redisUrl });
  if (shared) closers.push(() => shared.close());
  const opened = providers.map((settings) => openOidcProvider({ ...settings, log }));
  const watches = opened.map((provider) => provider.watch());
  closers.push(async () => {
    for (const unwatch of watches) unwatch();
  });
  const limiter = new RateLimiter({ shared, log });
  // A Redis that is down is said now, not when the first request comes.
  void limiter.check();
  return { limiter, providers: opened, sessions, postLogoutUrl };
}
