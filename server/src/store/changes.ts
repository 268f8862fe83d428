/**
 * What other processes changed, as Postgres tells it. A notification is only a hint: it says where to look
 * again, and it may be lost while the connection is down, so whoever caches must ask `isLive` first and
 * whoever waits must also look from time to time.
 */
import { EventEmitter } from 'node:events';
import { sql } from 'kysely';
import pg from 'pg';
import type { Log } from '../kernel/log.ts';
import { connectionOptions, type Session } from './store.ts';

export const CHANGES_CHANNEL = 'backyard_changes';

export type Change =
  | {
      readonly topic: 'resource';
      readonly id: string;
      readonly rootId: string;
      readonly ownerId: number | null;
      readonly wakes: boolean;
    }
  | { readonly topic: 'user'; readonly userId: number };

const RECONNECT_MS = 1_000;
const HEARTBEAT_MS = 2_000;

export class ChangeFeed {
  readonly #url: string;
  readonly #applicationName: string;
  readonly #log: Log;
  readonly #emitter = new EventEmitter().setMaxListeners(0);
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(url: string, applicationName: string, log: Log) {
    this.#url = url;
    this.#applicationName = applicationName;
    this.#log = log;
  }

  /** True while no notification can have been missed. */
  get isLive(): boolean {
    return this.#client !== undefined;
  }

  /** Calls back for each change; returns what ends that. */
  on(listener: (change: Change) => void): () => void {
    this.#emitter.on('change', listener);
    return () => this.#emitter.off('change', listener);
  }

  /** Calls back whenever notifications may have been missed. */
  onGap(listener: () => void): void {
    this.#emitter.on('gap', listener);
  }

  async start(): Promise<void> {
    const client = new pg.Client({
      ...connectionOptions(this.#url, this.#applicationName),
      query_timeout: HEARTBEAT_MS,
    });
    client.on('error', (error) => this.#lost(client, error));
    client.on('end', () => this.#lost(client));
    client.on('notification', (note) => this.#receive(note.payload));
    try {
      await client.connect();
      await client.query(`listen ${CHANGES_CHANNEL}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    // A stop that came meanwhile found nothing to end.
    if (this.#stopped) return client.end();
    this.#client = client;
    this.#beat(client);
    this.#emitter.emit('gap');
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = undefined;
    await client?.end();
  }

  /** A connection that died without a word must not be trusted for longer than two beats. */
  #beat(client: pg.Client): void {
    this.#timer = setTimeout(() => {
      client.query('select 1').then(
        () => this.#client === client && this.#beat(client),
        (error: Error) => this.#lost(client, error),
      );
    }, HEARTBEAT_MS);
  }

  #receive(payload: string | undefined): void {
    const change = parseChange(payload ?? '');
    if (change) this.#emitter.emit('change', change);
    else this.#log.warn({ payload }, 'a notification that is none of ours was ignored');
  }

  #lost(client: pg.Client, error?: Error): void {
    if (this.#stopped || (this.#client !== undefined && this.#client !== client)) return;
    if (this.#client === client) {
      this.#log.warn({ err: error }, 'the change feed lost its connection; it reconnects');
      client.end().catch(() => undefined);
      this.#client = undefined;
      this.#emitter.emit('gap');
      this.#retry();
    }
  }

  #retry(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#stopped) return;
      this.start().catch(() => this.#retry());
    }, RECONNECT_MS);
  }
}

/** Anybody who can connect can notify, and nothing that they say may end this process. */
function parseChange(payload: string): Change | undefined {
  try {
    const change = JSON.parse(payload) as Change | null;
    return change?.topic === 'user' || change?.topic === 'resource' ? change : undefined;
  } catch {
    return undefined;
  }
}

/** Tells every process that a user, or a credential of theirs, changed; when the transaction commits. */
export async function notifyUserChanged(db: Session, userId: number): Promise<void> {
  await sql`select pg_notify(${CHANGES_CHANNEL}, ${JSON.stringify({ topic: 'user', userId })})`.execute(db);
}
