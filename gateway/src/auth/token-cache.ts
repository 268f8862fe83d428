import { hash } from 'node:crypto';
import type { TokenTimes } from './check-claims.ts';
import type { Identity } from './identity.ts';

/** What a verified token said. Whoever takes it out checks the times again. */
export interface KnownToken {
  readonly identity: Identity;
  readonly times: TokenTimes;
}

/**
 * Remembers at most `maxEntries` verified tokens; the one that was used longest ago goes first.
 * Keys are digests: a dump of the memory opens nothing, and a long token takes no more room than a short one.
 */
export class TokenCache {
  readonly #maxEntries: number;
  readonly #known = new Map<string, KnownToken>();

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  find(token: string): KnownToken | undefined {
    if (this.#maxEntries === 0) {
      return undefined;
    }
    const key = keyOfToken(token);
    const known = this.#known.get(key);
    if (known !== undefined) {
      this.#known.delete(key);
      this.#known.set(key, known);
    }
    return known;
  }

  add(token: string, known: KnownToken): void {
    if (this.#maxEntries === 0) {
      return;
    }
    this.#known.set(keyOfToken(token), known);
    if (this.#known.size > this.#maxEntries) {
      const [oldest] = this.#known.keys();
      this.#known.delete(oldest ?? '');
    }
  }

  delete(token: string): void {
    this.#known.delete(keyOfToken(token));
  }

  get size(): number {
    return this.#known.size;
  }
}

function keyOfToken(token: string): string {
  return hash('sha256', token, 'base64');
}
