import { withDeadline } from '../kernel/deadline.ts';
import { ping } from '../store/store.ts';
import type { Context } from './context.ts';
import type { SharedHealth } from './rate-limiter.ts';

const CHECK_MS = 2_000;

export interface Health {
  readonly ready: boolean;
  readonly database: 'healthy' | 'unhealthy';
  readonly redis: SharedHealth;
}

/** Asks what Backyard depends on, with 2 s for each answer. During shutdown nothing is ready. */
export async function checkHealth(context: Context): Promise<Health> {
  const [database, redis] = await Promise.all([checkDatabase(context), context.limiter.check()]);
  const isUp = database === 'healthy' && redis !== 'unhealthy';
  return { ready: isUp && !context.isStopping(), database, redis };
}

function checkDatabase(context: Context): Promise<'healthy' | 'unhealthy'> {
  return withDeadline('the database', CHECK_MS, () => ping(context.store)).then(
    () => 'healthy' as const,
    (error) => {
      context.log.warn({ err: error }, 'our own database does not answer');
      return 'unhealthy' as const;
    },
  );
}
