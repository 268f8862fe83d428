import type { Caller } from '../../domain/caller.ts';
import type { Log } from '../../kernel/log.ts';
import { touchApiKeys } from '../../store/api-keys.ts';
import { touchSessions } from '../../store/sessions.ts';
import type { Store } from '../../store/store.ts';

const FLUSH_MS = 15_000;

/** Collects when keys and sessions were used and writes that now and then, so that no request pays for it. */
export class CredentialUsage {
  readonly #store: Store;
  readonly #log: Log;
  #keys = new Map<number, Date>();
  #sessions = new Map<string, Date>();
  #timer: NodeJS.Timeout | undefined;

  constructor(store: Store, log: Log) {
    this.#store = store;
    this.#log = log;
  }

  start(): void {
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS);
  }

  note({ keyId, sessionId }: Pick<Caller, 'keyId' | 'sessionId'>): void {
    if (keyId !== null) this.#keys.set(keyId, new Date());
    else if (sessionId !== null) this.#sessions.set(sessionId, new Date());
  }

  async flush(): Promise<void> {
    const [keys, sessions] = [this.#keys, this.#sessions];
    this.#keys = new Map();
    this.#sessions = new Map();
    try {
      await touchApiKeys(this.#store, keys);
      await touchSessions(this.#store, sessions);
    } catch (error) {
      this.#log.warn({ err: error }, 'when credentials were last used could not be written');
      // A later use wins over what could not be written.
      this.#keys = new Map([...keys, ...this.#keys]);
      this.#sessions = new Map([...sessions, ...this.#sessions]);
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }
}
