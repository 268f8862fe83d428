import type { Redis } from 'ioredis';
import type { BucketStore } from '../../domain/rate-limit.ts';
import { decisionOf } from '../../domain/token-bucket.ts';
import { openRedisConnection, type RedisConnection } from './redis-connection.ts';
import { takeTokenScript } from './take-token-script.ts';

const KEY_PREFIX = 'backyard:bucket:';

export interface RedisBuckets extends BucketStore {
  /** Rejects when Redis does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

type WithScript = Redis & {
  takeToken(key: string, perSecond: number, burst: number): Promise<number>;
};

/**
 * Opens the buckets that all replicas on this Redis share. Does not fail when Redis is down: decisions then
 * reject at once (`redis.unusable`) until it is back. Faults: `config.redis-url`.
 */
export async function openRedisBuckets({ url }: { readonly url: string }): Promise<RedisBuckets> {
  return redisBuckets(await openRedisConnection(url));
}

/** The buckets on a connection, which `close` then closes. */
export function redisBuckets({ redis, faultOf, close }: RedisConnection): RedisBuckets {
  redis.defineCommand('takeToken', { numberOfKeys: 1, lua: takeTokenScript });
  const scripted = redis as WithScript;
  return {
    take: async (key, limit) => {
      try {
        return decisionOf(await scripted.takeToken(KEY_PREFIX + key, limit.perSecond, limit.burst), limit);
      } catch (error) {
        throw faultOf(error);
      }
    },
    ping: async () => {
      try {
        await redis.ping();
      } catch (error) {
        throw faultOf(error);
      }
    },
    close,
  };
}
