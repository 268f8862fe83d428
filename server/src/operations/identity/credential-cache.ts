import type { Caller } from '../../domain/caller.ts';
import type { ChangeFeed } from '../../store/changes.ts';

/** A backstop only: what changes is forgotten at once, by notification. */
const LIFETIME_MS = 60_000;
const CAPACITY = 10_000;

interface Entry {
  readonly caller: Caller;
  readonly until: number;
}

/**
 * Remembers whom a credential belongs to, so that a request needs no query for it. Trusted only while the
 * change feed is live: a revocation in any process is then forgotten here as soon as Postgres tells it.
 */
export class CredentialCache {
  readonly #entries = new Map<string, Entry>();
  readonly #changes: ChangeFeed;
  /** Grows with every forgotten user: a look that began before must not be remembered after. */
  #version = 0;

  constructor(changes: ChangeFeed) {
    this.#changes = changes;
    changes.on((change) => {
      if (change.topic === 'user') this.forgetUser(change.userId);
    });
    changes.onGap(() => this.#clear());
  }

  get version(): number {
    return this.#version;
  }

  find(digest: string): Caller | undefined {
    if (!this.#changes.isLive) return undefined;
    const entry = this.#entries.get(digest);
    if (!entry) return undefined;
    if (entry.until > Date.now()) return entry.caller;
    this.#entries.delete(digest);
    return undefined;
  }

  /** `version` is what it was before the look, `expiresAt` when the credential ends by itself. */
  remember(digest: string, caller: Caller, version: number, expiresAt: Date | null): void {
    if (!this.#changes.isLive || version !== this.#version) return;
    if (this.#entries.size >= CAPACITY) {
      const oldest = this.#entries.keys().next().value;
      if (oldest !== undefined) this.#entries.delete(oldest);
    }
    const until = Math.min(Date.now() + LIFETIME_MS, expiresAt?.getTime() ?? Number.POSITIVE_INFINITY);
    this.#entries.set(digest, { caller, until });
  }

  forgetUser(userId: number): void {
    this.#version++;
    for (const [digest, entry] of this.#entries) {
      if (entry.caller.userId === userId) this.#entries.delete(digest);
    }
  }

  #clear(): void {
    this.#version++;
    this.#entries.clear();
  }
}
