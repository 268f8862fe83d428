/** Keeps the schema caches of all tenants below a number of bytes: the least recently used ones give way. */

export interface CacheHolder {
  /** Forgets the cache; the next request loads it again. */
  dropCache(): void;
}

export class CacheBudget {
  readonly #limit: number;
  readonly #bytes = new Map<CacheHolder, number>();
  #total = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get total(): number {
    return this.#total;
  }

  bytesOf(holder: CacheHolder): number {
    return this.#bytes.get(holder) ?? 0;
  }

  /** It was asked for just now. */
  touch(holder: CacheHolder): void {
    const bytes = this.#bytes.get(holder);
    if (bytes === undefined) return;
    this.#bytes.delete(holder);
    this.#bytes.set(holder, bytes);
  }

  /** Its cache was loaded; others may lose theirs. One that is larger than the whole budget stays alone. */
  put(holder: CacheHolder, bytes: number): void {
    this.remove(holder);
    this.#bytes.set(holder, bytes);
    this.#total += bytes;
    for (const other of this.#bytes.keys()) {
      if (this.#total <= this.#limit || other === holder) return;
      this.remove(other);
      other.dropCache();
    }
  }

  remove(holder: CacheHolder): void {
    this.#total -= this.bytesOf(holder);
    this.#bytes.delete(holder);
  }
}
