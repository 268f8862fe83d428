const watched = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export type WatchedSignal = (typeof watched)[number];

/** While it listens, these signals no longer end the process, so that it can clean up first. */
export interface Signals {
  /** The first one that came. */
  received(): WatchedSignal | undefined;
  /** Called for each further signal; returns how to stop that. */
  listen(listener: (signal: WatchedSignal) => void): () => void;
  stop(): void;
}

export function listenForSignals(): Signals {
  let first: WatchedSignal | undefined;
  const listeners = new Set<(signal: WatchedSignal) => void>();
  const onSignal = (signal: NodeJS.Signals): void => {
    const found = watched.find((candidate) => candidate === signal);
    if (found === undefined) return;
    first ??= found;
    for (const listener of listeners) listener(found);
  };
  for (const signal of watched) process.on(signal, onSignal);
  return {
    received: () => first,
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: () => {
      for (const signal of watched) process.off(signal, onSignal);
    },
  };
}
