import type { EventMessage, HelloMessage, ResetMessage } from '@backyard/contracts/live';
import type { Static } from 'typebox';
import type { EventBatch } from '../operations/event/settled-events.ts';

export type FeedEvent = EventBatch['events'][number];

export function renderHello(lastEventId: number): string {
  return JSON.stringify({ type: 'hello', last_event_id: lastEventId } satisfies Static<typeof HelloMessage>);
}

export const RESET: string = JSON.stringify({ type: 'reset' } satisfies Static<typeof ResetMessage>);

/** As bytes: made once, however many sockets get it. */
export function renderEvent(event: FeedEvent): Buffer {
  const message: Static<typeof EventMessage> = {
    type: 'event',
    id: event.id,
    at: event.at.toISOString(),
    name: event.name,
    resource_id: event.resource_id,
    root_id: event.root_id,
    payload: event.payload,
  };
  return Buffer.from(JSON.stringify(message));
}
