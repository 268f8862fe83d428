import { findLastEventId, listEvents, listEventWriters, type StoredEvent } from '../../store/events.ts';
import type { Store } from '../../store/store.ts';

export interface EventBatch {
  readonly events: readonly StoredEvent[];
  /** A transaction under way may still fill a gap: to be asked again soon, whether or not anything is told. */
  readonly isHeldUp: boolean;
  /** There may be more at once. */
  readonly isFull: boolean;
}

const NOTHING: EventBatch = { events: [], isHeldUp: false, isFull: false };

/** Everything up to the id is final once none of the transactions is under way any more. */
interface Doubt {
  readonly upTo: number;
  readonly writers: ReadonlySet<string>;
}

/**
 * All events from now on, in the order of their ids, each once and none left out. An id is drawn before its
 * transaction commits, so a later one can be there first: then the later one waits until the gap is filled, or
 * nobody is left who could fill it. Not to be asked twice at the same time.
 */
export class SettledEvents {
  readonly #store: Store;
  readonly #limit: number;
  #position: number | undefined;
  #doubt: Doubt | undefined;

  constructor(store: Store, limit: number) {
    this.#store = store;
    this.#limit = limit;
  }

  /** The id up to which everything was handed out or is older; `undefined` until the first calls found it. */
  get position(): number | undefined {
    return this.#position;
  }

  /** What follows, as far as it is final. */
  next(): Promise<EventBatch> {
    return this.#position === undefined ? this.#begin() : this.#continueFrom(this.#position);
  }

  async #begin(): Promise<EventBatch> {
    const doubt = await this.#doubtUpTo(() => findLastEventId(this.#store));
    if (!(await this.#isSettled(doubt))) return { ...NOTHING, isHeldUp: true };
    this.#position = doubt.upTo;
    this.#doubt = undefined;
    return NOTHING;
  }

  async #continueFrom(after: number): Promise<EventBatch> {
    const range = { after, upTo: Number.MAX_SAFE_INTEGER, limit: this.#limit };
    const seen = await listEvents(this.#store, range);
    const unbroken = unbrokenFrom(after, seen);
    if (unbroken.length > 0 || seen.length === 0) {
      const isWhole = unbroken.length === seen.length;
      return this.#handOut(unbroken, { isFull: !isWhole || seen.length === this.#limit });
    }
    const doubt = await this.#doubtUpTo(async () => seen.at(-1)?.id ?? after);
    if (!(await this.#isSettled(doubt))) return { ...NOTHING, isHeldUp: true };
    // What was under way may have been committed since the rows were read.
    const final = await listEvents(this.#store, { after, upTo: doubt.upTo, limit: this.#limit });
    return this.#handOut(final, { isFull: true });
  }

  #handOut(events: readonly StoredEvent[], { isFull }: { readonly isFull: boolean }): EventBatch {
    this.#position = events.at(-1)?.id ?? this.#position;
    if (this.#doubt && (this.#position ?? 0) >= this.#doubt.upTo) this.#doubt = undefined;
    return { events, isHeldUp: false, isFull };
  }

  /** The doubt that is there already, or one as of now: ids first, then those who may hold lower ones. */
  async #doubtUpTo(findId: () => Promise<number>): Promise<Doubt> {
    if (!this.#doubt) {
      const upTo = await findId();
      this.#doubt = { upTo, writers: new Set(await listEventWriters(this.#store)) };
    }
    return this.#doubt;
  }

  async #isSettled(doubt: Doubt): Promise<boolean> {
    if (doubt.writers.size === 0) return true;
    const writers = await listEventWriters(this.#store);
    return !writers.some((writer) => doubt.writers.has(writer));
  }
}

/** The events at the beginning whose ids follow each other without a gap. */
function unbrokenFrom(after: number, events: readonly StoredEvent[]): readonly StoredEvent[] {
  const gap = events.findIndex(({ id }, index) => id !== after + 1 + index);
  return gap === -1 ? events : events.slice(0, gap);
}
