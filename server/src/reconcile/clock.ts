import type { Log } from '../kernel/log.ts';

export interface Clock {
  /** Does nothing while the task runs. */
  runNow(): void;
  /** Ends the clock and waits for the task. */
  stop(): Promise<void>;
}

/** Runs a task every `everyMs`, never twice at a time; a failure is logged and the next turn tries again. */
export function startClock(task: () => Promise<unknown>, everyMs: number, log: Log): Clock {
  let running: Promise<unknown> | undefined;
  const runNow = () => {
    running ??= task()
      .catch((error) => log.error({ err: error }, 'a scheduled task failed'))
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(runNow, everyMs);
  return {
    runNow,
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
