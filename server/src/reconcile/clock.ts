import type { Log } from '../kernel/log.ts';

/** Runs a task every `everyMs`, never twice at a time; a failure is logged and the next turn tries again. */
export function startClock(task: () => Promise<unknown>, everyMs: number, log: Log): () => Promise<void> {
  let running: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    running ??= task()
      .catch((error) => log.error({ err: error }, 'a scheduled task failed'))
      .finally(() => {
        running = undefined;
      });
  }, everyMs);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
