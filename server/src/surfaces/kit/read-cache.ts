/**
 * Remembers rendered answers of reads. An answer holds as long as nothing changed that its caller can see:
 * every process hears of changes through the change feed, and while that is silent nothing is remembered.
 */
import type { Caller } from '../../domain/caller.ts';
import type { Context } from '../../operations/context.ts';

/** What no notification tells, such as an extension that a person installed, is this stale at most. */
const LIFETIME_MS = 5_000;
const ANSWERS_PER_CALLER = 32;
const LARGEST_LENGTH = 262_144;

export interface RenderedAnswer {
  readonly status: number;
  /** JSON: as text, or encoded once. */
  readonly body: Buffer | string;
  readonly headers: Readonly<Record<string, string | string[]>> | undefined;
}

interface Entry {
  readonly answer: RenderedAnswer;
  readonly version: number;
  readonly until: number;
}

export class ReadCache {
  readonly #changes: Pick<Context['changes'], 'isLive'>;
  /** A caller is a new object whenever anything about the user or the credential changed. */
  readonly #answers = new WeakMap<Caller, Map<string, Entry>>();
  readonly #ofOwner = new Map<number, number>();
  #ofAll = 0;
  #gaps = 0;

  constructor(changes: Context['changes']) {
    this.#changes = changes;
    changes.on((change) => {
      if (change.topic === 'resource') this.#bump(change.ownerId);
    });
    changes.onGap(() => {
      this.#gaps++;
    });
  }

  /** Grows with everything that the caller may see. Take it before a read, and hand it to `remember`. */
  version(caller: Caller): number {
    return this.#gaps + (caller.isAdmin ? this.#ofAll : (this.#ofOwner.get(caller.userId) ?? 0));
  }

  /** To be called when this process changed something: its own next read must not wait for the feed. */
  forget(caller: Caller): void {
    // An administrator may have changed what belongs to anybody.
    if (caller.isAdmin) this.#gaps++;
    else this.#bump(caller.userId);
  }

  find(caller: Caller, url: string): RenderedAnswer | undefined {
    if (!this.#changes.isLive) return undefined;
    const entry = this.#answers.get(caller)?.get(url);
    if (!entry || entry.version !== this.version(caller) || entry.until < Date.now()) return undefined;
    return entry.answer;
  }

  remember(caller: Caller, url: string, answer: RenderedAnswer, version: number): void {
    if (!this.#changes.isLive || answer.body.length > LARGEST_LENGTH) return;
    const answers = this.#answers.get(caller) ?? new Map<string, Entry>();
    this.#answers.set(caller, answers);
    if (answers.size >= ANSWERS_PER_CALLER) answers.clear();
    answers.set(url, { answer, version, until: Date.now() + LIFETIME_MS });
  }

  #bump(ownerId: number | null): void {
    this.#ofAll++;
    if (ownerId !== null) this.#ofOwner.set(ownerId, (this.#ofOwner.get(ownerId) ?? 0) + 1);
  }
}
