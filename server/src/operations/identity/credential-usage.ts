import type { Log } from '../../kernel/log.ts';
import { touchApiKeys } from '../../store/api-keys.ts';
import type { Store } from '../../store/store.ts';

const FLUSH_MS = 15_000;

/** Collects when keys were used and writes that now and then, so that no request pays for it. */
export class KeyUsage {
  readonly #store: Store;
  readonly #log: Log;
  #used = new Map<number, Date>();
  #timer: NodeJS.Timeout | undefined;

  constructor(store: Store, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  start(): void {
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS);
  }

  note(keyId: number): void {
    this.#used.set(keyId, new Date());
  }

  async flush(): Promise<void> {
    const used = this.#used;
    this.#used = new Map();
    try {
      await touchApiKeys(this.#store, used);
    } catch (error) {
      this.#log.warn({ err: error }, 'when keys were last used could not be written');
      // A later use wins over what could not be written.
      this.#used = new Map([...used, ...this.#used]);
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}
