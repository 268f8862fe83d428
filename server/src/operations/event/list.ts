import { listEvents as listStored, type StoredEvent } from '../../store/events.ts';
import type { Context } from '../context.ts';
import { type Invocation, userOperation } from '../operation.ts';

export interface ListEventsInput {
  readonly after: number;
  readonly upTo: number;
  readonly limit: number;
}

/** Lists what happened to the resources that the caller may see, oldest first. */
export const listEvents = userOperation(
  'event.list',
  'database:read',
  (context: Context, { caller, input }: Invocation<ListEventsInput>): Promise<StoredEvent[]> =>
    listStored(context.store, caller.isAdmin ? input : { ...input, ownerId: caller.userId }),
);
