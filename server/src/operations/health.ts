import { withDeadline } from '../kernel/deadline.ts';
import { ping } from '../store/store.ts';
import type { Context } from './context.ts';

const CHECK_MS = 2_000;

export interface Health {
  readonly ready: boolean;
  readonly database: 'healthy' | 'unhealthy';
}

/** Asks what Backyard depends on, with 2 s for each answer. During shutdown nothing is ready. */
export async function checkHealth(context: Context): Promise<Health> {
  const database = await withDeadline('the database', CHECK_MS, () => ping(context.store)).then(
    () => 'healthy' as const,
    (error) => {
      context.log.warn({ err: error }, 'our own database does not answer');
      return 'unhealthy' as const;
    },
  );
  return { ready: database === 'healthy' && !context.isStopping(), database };
}
