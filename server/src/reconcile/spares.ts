import { randomUUID } from 'node:crypto';
import { type DatabaseSpec, spareName } from '../domain/database.ts';
import type { Log } from '../kernel/log.ts';
import type { ChangeFeed } from '../store/changes.ts';
import { keepSpares } from '../store/spares.ts';
import type { Store } from '../store/store.ts';
import { startClock } from './clock.ts';

const EVERY_MS = 5_000;

/**
 * Keeps some databases ready, so that a creation has only to name one. It looks now and then, and at once
 * when a database was made. Returns what ends it.
 */
export function startSpares(
  parts: { readonly store: Store; readonly changes: ChangeFeed; readonly log: Log },
  wanted: number,
  spec: DatabaseSpec,
): () => Promise<void> {
  const make = () => {
    const id = randomUUID();
    return { id, name: spareName(id), spec };
  };
  const look = () => keepSpares(parts.store, wanted, make);
  const clock = startClock(look, EVERY_MS, parts.log);
  clock.runNow();
  const unsubscribe = parts.changes.on((change) => {
    // Once it has come true, and not before: the one that somebody waits for goes first.
    const isMade = change.topic === 'resource' && change.id === change.rootId && !change.wakes;
    if (isMade && change.ownerId !== null) clock.runNow();
  });
  return async () => {
    unsubscribe();
    await clock.stop();
  };
}
