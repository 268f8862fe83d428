import type { Context } from '../operations/context.ts';
import { SettledEvents } from '../operations/event/settled-events.ts';
import { type FeedEvent, renderEvent } from './event-message.ts';

/** Many changes at once are one read. */
const GATHER_MS = 15;
/** A notification is only a hint, and nothing tells of a transaction that was undone. */
const LOOK_MS = 500;
const HELD_UP_MS = 50;
const PAGE = 200;

export interface RenderedEvent {
  readonly event: FeedEvent;
  readonly frame: Buffer;
}

export type TailListener = (events: readonly RenderedEvent[]) => void;

export interface EventTailParts extends Pick<Context, 'store' | 'changes'> {
  readonly log: { warn(fields: object, message: string): void };
}

/** A place from which the tail is followed. */
export interface Seat {
  /** The id of the last event that the tail told; all up to it can be read from the store. */
  readonly position: number;
  /** Tells what comes after `position`, from this moment. */
  listen(listener: TailListener): void;
  /** Quiet when repeated. */
  leave(): void;
}

/**
 * Reads the new events of the store once for all sockets of this process, as long as there is one. Woken by the
 * change feed, and by the clock when that is silent.
 */
export class EventTail {
  readonly #parts: EventTailParts;
  readonly #seats = new Map<object, TailListener | undefined>();
  readonly #unsubscribe: () => void;
  readonly #waiting: (() => void)[] = [];
  /** There while somebody has a seat. */
  #events: SettledEvents | undefined;
  /** Up to where everybody was told; `undefined` until the first read found where to begin. */
  #position: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lookAtMs = Number.POSITIVE_INFINITY;
  #isReading = false;
  #isBehind = false;
  #hasFailed = false;

  constructor(parts: EventTailParts) {
    this.#parts = parts;
    this.#unsubscribe = parts.changes.on((change) => {
      if (change.topic === 'resource') this.#wake();
    });
    parts.changes.onGap(() => this.#wake());
  }

  /** Takes a seat as soon as it is known where the tail stands; waits while the database does not answer. */
  async enter(signal: AbortSignal): Promise<Seat> {
    signal.throwIfAborted();
    const key = {};
    const leave = () => this.#leave(key);
    this.#seats.set(key, undefined);
    this.#events ??= new SettledEvents(this.#parts.store, PAGE);
    signal.addEventListener('abort', leave, { once: true });
    while (this.#position === undefined && !signal.aborted) await this.#nextRead();
    signal.removeEventListener('abort', leave);
    signal.throwIfAborted();
    const positionOf = () => this.#position ?? 0;
    return {
      get position() {
        return positionOf();
      },
      listen: (listener) => {
        if (this.#seats.has(key)) this.#seats.set(key, listener);
      },
      leave,
    };
  }

  /** Ends the reading for good. */
  stop(): void {
    this.#unsubscribe();
    for (const key of [...this.#seats.keys()]) this.#leave(key);
  }

  #leave(key: object): void {
    this.#seats.delete(key);
    if (this.#seats.size > 0) return;
    clearTimeout(this.#timer);
    this.#lookAtMs = Number.POSITIVE_INFINITY;
    this.#events = undefined;
    this.#position = undefined;
    this.#tellWaiting();
  }

  #wake(): void {
    if (!this.#events) return;
    if (this.#isReading) this.#isBehind = true;
    else this.#lookIn(GATHER_MS);
  }

  #nextRead(): Promise<void> {
    this.#wake();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #tellWaiting(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** A look that is due sooner stays. */
  #lookIn(ms: number): void {
    const atMs = performance.now() + ms;
    if (this.#lookAtMs <= atMs) return;
    clearTimeout(this.#timer);
    this.#lookAtMs = atMs;
    this.#timer = setTimeout(() => void this.#read(), ms);
  }

  async #read(): Promise<void> {
    this.#lookAtMs = Number.POSITIVE_INFINITY;
    this.#isReading = true;
    this.#isBehind = false;
    const pauseMs = await this.#readOnce();
    this.#isReading = false;
    this.#tellWaiting();
    if (this.#events) this.#lookIn(this.#isBehind ? Math.min(pauseMs, GATHER_MS) : pauseMs);
  }

  /** Returns how soon to look again. */
  async #readOnce(): Promise<number> {
    const events = this.#events;
    if (!events) return LOOK_MS;
    try {
      const batch = await events.next();
      // Everybody may have left meanwhile, and somebody else come.
      if (events === this.#events) this.#tell(batch.events, events.position);
      this.#hasFailed = false;
      if (batch.isFull) return 0;
      return batch.isHeldUp ? HELD_UP_MS : LOOK_MS;
    } catch (error) {
      if (!this.#hasFailed) this.#parts.log.warn({ err: error }, 'new events could not be read; tried again');
      this.#hasFailed = true;
      return LOOK_MS;
    }
  }

  /** In one go with the position, so that whoever reads up to it and then listens misses and repeats nothing. */
  #tell(events: readonly FeedEvent[], position: number | undefined): void {
    this.#position = position;
    if (events.length === 0) return;
    const rendered = events.map((event) => ({ event, frame: renderEvent(event) }));
    for (const listener of this.#seats.values()) listener?.(rendered);
  }
}
