/** The feed of Backyard's own events: what happens to the resources that a caller may see. */
import type { Caller } from '../domain/caller.ts';
import type { Context } from '../operations/context.ts';
import { lastEventId } from '../operations/event/last.ts';
import { listEvents } from '../operations/event/list.ts';
import { type EventFilter, watchEvents } from '../operations/event/watch.ts';
import { badQuery } from './closing.ts';
import { RESET, renderEvent, renderHello } from './event-message.ts';
import type { EventTail, Seat } from './event-tail.ts';
import type { Opening, Subscribe, Subscription } from './feed.ts';
import type { LiveSocket } from './live-socket.ts';

/** A client that missed more than this reads the state anew. */
const MOST_OLD = 1_000;
/** Events of everybody, between which those of the caller may be looked for. */
const WIDEST_SEARCH = 100_000;
/** Old events that are on their way at once: far less than what counts as too slow. */
const CHUNK = 50;

export function eventFeed(context: Context, tail: EventTail): Subscribe {
  return (socket, caller, opening) => new EventSubscription({ context, tail, socket, opening }, caller);
}

interface Parts {
  readonly context: Context;
  readonly tail: EventTail;
  readonly socket: LiveSocket;
  readonly opening: Opening;
}

class EventSubscription implements Subscription {
  readonly #parts: Parts;
  #caller: Caller;
  #isForCaller: EventFilter = () => false;
  #seat: Seat | undefined;
  /** The last event that the client knows of, or may. */
  #known = 0;

  constructor(parts: Parts, caller: Caller) {
    this.#parts = parts;
    this.#caller = caller;
  }

  async greet(): Promise<void> {
    const { socket, tail, opening } = this.#parts;
    await this.callerSeen(this.#caller);
    const after = afterOf(opening);
    if (after === 'odd') return socket.end(badQuery('after must be the id of an event'));
    const left = new AbortController();
    socket.onEnd(() => left.abort());
    const seat = await tail.enter(left.signal);
    socket.onEnd(() => seat.leave());
    this.#seat = seat;
    this.#known = after ?? seat.position;
    socket.send(renderHello(seat.position));
  }

  async follow(): Promise<void> {
    const { socket } = this.#parts;
    const seat = this.#seat;
    if (!seat) return;
    if (this.#known > seat.position && !(await this.#isReal(this.#known))) this.#reset(seat.position);
    while (this.#known < seat.position && socket.isOpen) await this.#catchUp(seat.position);
    seat.listen((events) => {
      for (const { event, frame } of events) {
        if (event.id > this.#known && this.#isForCaller(event)) socket.send(frame);
      }
    });
  }

  async callerSeen(caller: Caller): Promise<void> {
    const { context, opening } = this.#parts;
    this.#caller = caller;
    this.#isForCaller = await watchEvents.invoke(context, {
      caller,
      origin: opening.origin,
      input: undefined,
    });
  }

  /** Another replica may have told what this one is about to read; else the id is of another database. */
  async #isReal(id: number): Promise<boolean> {
    const { context, opening } = this.#parts;
    const invocation = { caller: this.#caller, origin: opening.origin, input: undefined };
    return id <= (await lastEventId.invoke(context, invocation));
  }

  async #catchUp(upTo: number): Promise<void> {
    const { context, socket, opening } = this.#parts;
    const after = this.#known;
    if (upTo - after > WIDEST_SEARCH) return this.#reset(upTo);
    const input = { after, upTo, limit: MOST_OLD + 1 };
    const events = await listEvents.invoke(context, { caller: this.#caller, origin: opening.origin, input });
    if (events.length > MOST_OLD) return this.#reset(upTo);
    for (let begin = 0; begin < events.length; begin += CHUNK) {
      await socket.sendAll(events.slice(begin, begin + CHUNK).map(renderEvent));
    }
    this.#known = upTo;
  }

  #reset(position: number): void {
    this.#parts.socket.send(RESET);
    this.#known = position;
  }
}

function afterOf({ query }: Opening): number | undefined | 'odd' {
  const [after] = [query.after].flat();
  if (after === undefined) return undefined;
  return typeof after === 'string' && /^\d{1,15}$/.test(after) ? Number(after) : 'odd';
}
