/** LISTEN on a connection of its own: `NOTIFY pgrst, 'reload schema'`. */
import pg from 'pg';
import type { TenantSettings } from '../config/settings.ts';
import { type ConnectionTrust, connectionConfig } from './connection-config.ts';

export interface ListenerEvents {
  /** The schema may have changed: a notice said so, or some may have been missed. */
  onReloadSchema(): void;
  onReloadConfig(): void;
  onConnectionError?(error: unknown): void;
}

const CONNECT_MS = 5_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

export class NotifyListener {
  readonly #settings: Pick<TenantSettings, 'dbChannel' | 'dbUri'>;
  readonly #trust: ConnectionTrust;
  readonly #events: ListenerEvents;
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #hasListened = false;
  #isStopped = false;

  constructor(
    settings: Pick<TenantSettings, 'dbChannel' | 'dbUri'>,
    trust: ConnectionTrust,
    events: ListenerEvents,
  ) {
    this.#settings = settings;
    this.#trust = trust;
    this.#events = events;
  }

  /** Settles when the first attempt has ended, well or not; a failed one is repeated in the background. */
  async start(): Promise<void> {
    await this.#connect();
  }

  /** Tries again now, as the database is known to be back. */
  hurry(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    void this.#connect();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    await client?.end().catch(() => undefined);
  }

  async #connect(): Promise<void> {
    if (this.#isStopped) return;
    const client = new pg.Client({
      ...connectionConfig(this.#settings.dbUri, this.#trust),
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: CONNECT_MS,
    });
    this.#client = client;
    client.on('error', (error) => this.#lose(client, error));
    client.on('end', () => this.#lose(client, new Error('the connection ended')));
    client.on('notification', ({ payload }) => this.#hear(payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN ${pg.escapeIdentifier(this.#settings.dbChannel)}`);
    } catch (error) {
      this.#lose(client, error);
      return;
    }
    if (this.#isStopped) {
      await client.end().catch(() => undefined);
      return;
    }
    // What was said between the two connections, or before the first one stood, went unheard.
    const mayHaveMissed = this.#hasListened || this.#failures > 0;
    this.#failures = 0;
    this.#hasListened = true;
    if (mayHaveMissed) this.#events.onReloadSchema();
  }

  #hear(payload: string): void {
    if (payload === '' || payload === 'reload schema') this.#events.onReloadSchema();
    else if (payload === 'reload config') this.#events.onReloadConfig();
  }

  /** Once per connection, whatever it reports on its way down. */
  #lose(client: pg.Client, error: unknown): void {
    if (this.#client !== client || this.#isStopped) return;
    this.#client = undefined;
    client.end().catch(() => undefined);
    this.#events.onConnectionError?.(error);
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#failures += 1;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#connect();
    }, pauseMs);
    this.#timer.unref();
  }
}
