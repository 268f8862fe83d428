/** Ctrl-C during something that can be given up. */
export interface Interruption {
  /** Aborted by Ctrl-C, which then no longer ends the process by itself. */
  readonly signal: AbortSignal;
  stop(): void;
}

export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  const onInterrupt = (): void => controller.abort();
  process.once('SIGINT', onInterrupt);
  return { signal: controller.signal, stop: () => process.off('SIGINT', onInterrupt) };
}
