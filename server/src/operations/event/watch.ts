import { maySee } from '../../domain/caller.ts';
import type { StoredEvent } from '../../store/events.ts';
import type { Context } from '../context.ts';
import { type Invocation, userOperation } from '../operation.ts';

/** Which events are for the caller, as they are now. */
export type EventFilter = (event: Pick<StoredEvent, 'owner_id'>) => boolean;

/** Decides what of the feed of all events a caller gets: what happens to resources that they may see. */
export const watchEvents = userOperation(
  'event.watch',
  'database:read',
  async (_context: Context, { caller }: Invocation<undefined>): Promise<EventFilter> =>
    (event) =>
      maySee(caller, event.owner_id),
);
