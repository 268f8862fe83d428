import type { Caller } from '../../domain/caller.ts';
import type { Context } from '../context.ts';
import { type CredentialEnd, type CredentialState, lookAtCredentials } from './credential-state.ts';

/** How soon a look is tried again that the database did not answer. */
const RETRY_MS = 500;
/** What a timer of Node can wait at most. */
const LONGEST_WAIT_MS = 2_147_483_647;

export interface CredentialListener {
  /** Called once, and then nothing more. */
  ended(reason: CredentialEnd): void;
  /** The user as they are now, after every look: their role may be another. */
  seen(caller: Caller): void;
}

export interface CredentialWatchParts extends Pick<Context, 'store' | 'changes'> {
  readonly log: { warn(fields: object, message: string): void };
}

/** One credential that is being watched. */
class Watched {
  readonly caller: Caller;
  readonly #listener: CredentialListener;
  #expiry: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(caller: Caller, listener: CredentialListener) {
    this.caller = caller;
    this.#listener = listener;
  }

  settle(state: CredentialState): void {
    if (this.#isOver) return;
    if ('ended' in state) this.#end(state.ended);
    // A proxy vouches for an address; whoever has another one now is somebody else.
    else if (this.#isProxyWord && state.caller.email !== this.caller.email) this.#end('revoked');
    else {
      this.#expireAt(state.expiresAt);
      this.#listener.seen({ ...state.caller, isAmbient: this.caller.isAmbient });
    }
  }

  get #isProxyWord(): boolean {
    return this.caller.keyId === null && this.caller.sessionId === null;
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#expiry);
  }

  #end(reason: CredentialEnd): void {
    this.stop();
    this.#listener.ended(reason);
  }

  #expireAt(time: Date | null): void {
    clearTimeout(this.#expiry);
    if (time === null) return;
    const waitMs = Math.min(time.getTime() - Date.now(), LONGEST_WAIT_MS);
    this.#expiry = setTimeout(() => {
      if (time.getTime() > Date.now()) this.#expireAt(time);
      else this.#end('expired');
    }, waitMs);
  }
}

/**
 * Watches the credentials of whoever holds something open in this process, without a query for each: it looks
 * again, at all that may have changed at once, when the change feed says that a user changed, and when the feed
 * is back after notifications may have been missed.
 */
export class CredentialWatch {
  readonly #parts: CredentialWatchParts;
  readonly #watched = new Set<Watched>();
  readonly #due = new Set<Watched>();
  readonly #unsubscribe: () => void;
  #isLooking = false;
  #isStopped = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(parts: CredentialWatchParts) {
    this.#parts = parts;
    this.#unsubscribe = parts.changes.on((change) => {
      if (change.topic === 'user') this.#look(({ caller }) => caller.userId === change.userId);
    });
    parts.changes.onGap(() => {
      if (parts.changes.isLive) this.#look(() => true);
    });
  }

  /** Watches from now on; a first look follows at once. Returns what ends it. */
  watch(caller: Caller, listener: CredentialListener): () => void {
    const watched: Watched = new Watched(caller, {
      seen: (now) => listener.seen(now),
      ended: (reason) => {
        this.#forget(watched);
        listener.ended(reason);
      },
    });
    this.#watched.add(watched);
    this.#look((other) => other === watched);
    return () => this.#forget(watched);
  }

  /** Ends everything; nothing is called any more. */
  stop(): void {
    this.#isStopped = true;
    this.#unsubscribe();
    clearTimeout(this.#retry);
    for (const watched of this.#watched) this.#forget(watched);
  }

  #forget(watched: Watched): void {
    watched.stop();
    this.#watched.delete(watched);
    this.#due.delete(watched);
  }

  #look(isDue: (watched: Watched) => boolean): void {
    for (const watched of this.#watched) if (isDue(watched)) this.#due.add(watched);
    if (!this.#isLooking && !this.#isStopped && this.#due.size > 0) void this.#lookAtDue();
  }

  /** What becomes due meanwhile is looked at afterwards: the look under way may have come too early for it. */
  async #lookAtDue(): Promise<void> {
    this.#isLooking = true;
    clearTimeout(this.#retry);
    try {
      while (this.#due.size > 0) await this.#lookOnce([...this.#due]);
    } catch (error) {
      this.#parts.log.warn({ err: error }, 'credentials of open sockets could not be looked at; tried again');
      if (!this.#isStopped) this.#retry = setTimeout(() => this.#look(() => false), RETRY_MS);
    } finally {
      this.#isLooking = false;
    }
  }

  async #lookOnce(batch: readonly Watched[]): Promise<void> {
    for (const watched of batch) this.#due.delete(watched);
    try {
      const states = await lookAtCredentials(
        this.#parts.store,
        batch.map(({ caller }) => caller),
      );
      batch.forEach((watched, index) => {
        const state = states[index];
        if (state) watched.settle(state);
      });
    } catch (error) {
      for (const watched of batch) if (this.#watched.has(watched)) this.#due.add(watched);
      throw error;
    }
  }
}
