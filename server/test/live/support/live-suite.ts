import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import type { Caller } from '../../../src/domain/caller.ts';
import type { Scope } from '../../../src/domain/scope.ts';
import { createLog, type Log } from '../../../src/kernel/log.ts';
import { openLiveFeeds } from '../../../src/live/live-feeds.ts';
import { type SocketTimings, TIMINGS } from '../../../src/live/live-socket.ts';
import { type CreatedApiKey, createApiKey } from '../../../src/operations/api-key/create.ts';
import type { Context } from '../../../src/operations/context.ts';
import { findLastEventId, insertEvent } from '../../../src/store/events.ts';
import type { Session } from '../../../src/store/store.ts';
import type { WebSettings } from '../../../src/surfaces/kit/web-settings.ts';
import { buildPublicPort } from '../../../src/surfaces/public-port.ts';
import { type OperationSuite, ORIGIN, operationSuite } from '../../operations/support/operation-suite.ts';
import { WEB } from '../../surfaces/support/port-suite.ts';

export interface Message {
  readonly type: string;
  readonly id?: number;
  readonly [field: string]: unknown;
}

/** What a client saw of a socket. */
export class Client {
  readonly socket: WebSocket;
  /** In their order; JSON is parsed. */
  readonly messages: (Message | string)[] = [];
  pings = 0;
  closed: { readonly code: number; readonly reason: string } | undefined;

  constructor(url: string, protocols: readonly string[], options: ClientOptions) {
    this.socket = new WebSocket(url, [...protocols], options);
    this.socket.on('message', (data) => {
      const text = String(data);
      this.messages.push(text.startsWith('{') ? JSON.parse(text) : text);
    });
    this.socket.on('ping', () => this.pings++);
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
    });
    // A refusal shows as a close without a code.
    this.socket.on('error', () => undefined);
  }

  get events(): Message[] {
    return this.messages.filter(
      (message): message is Message => typeof message === 'object' && message.type === 'event',
    );
  }

  get names(): unknown[] {
    return this.events.map(({ name }) => name);
  }

  get ids(): (number | undefined)[] {
    return this.events.map(({ id }) => id);
  }

  get hello(): Message | undefined {
    const [first] = this.messages;
    return typeof first === 'object' ? first : undefined;
  }
}

export interface Connecting extends ClientOptions {
  /** The `Authorization` header. */
  readonly authorization?: string;
  readonly path?: string;
  readonly protocols?: readonly string[];
}

export interface ListeningPort {
  readonly app: FastifyInstance;
  readonly url: string;
  connect(options?: Connecting): Client;
}

export interface LiveSuite {
  readonly operations: OperationSuite;
  readonly port: ListeningPort;
  /** Another one, as a replica or with other settings has it; closed after the test. */
  listen(options?: ListenOptions): Promise<ListeningPort>;
  bearerOf(caller: Caller): Promise<string>;
  newKey(caller: Caller, scopes?: readonly Scope[] | null, expiresAt?: Date | null): Promise<CreatedApiKey>;
  /** Somebody who may ask often. */
  /** A client that was greeted; by default with a session of the caller's. */
  welcome(caller: Caller, port?: ListeningPort, options?: Connecting): Promise<Client>;
  /** Writes an event of something of this owner's. */
  tell(ownerId: number | null, name: string, how?: Telling): Promise<void>;
  lastEventId(): Promise<number>;
  newCaller(user?: Parameters<OperationSuite['newCaller']>[0]): Promise<Caller>;
}

export interface Telling {
  readonly db?: Session;
  readonly payload?: Record<string, unknown>;
}

export interface ListenOptions {
  readonly context?: Context;
  readonly timings?: SocketTimings;
  readonly maxSocketsPerUser?: number;
  readonly web?: Partial<WebSettings>;
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** A log whose lines a test can look at, whatever level they have. */
export function spiedLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  const log = createLog({ level: 'silent', pretty: false });
  const write = (fields: unknown, message?: string) => void lines.push(JSON.stringify({ fields, message }));
  for (const level of LEVELS) Object.defineProperty(log, level, { value: write });
  Object.defineProperty(log, 'child', { value: () => log });
  return { log, lines };
}

export const EVENTS = '/api/v1/ws/events';

/** The public port with its sockets, really listening, on a database of its own. To be called once in a file. */
export function liveSuite(): LiveSuite {
  const operations = operationSuite();
  const clients: Client[] = [];
  const extra: ListeningPort[] = [];
  let port: ListeningPort | undefined;
  const listen = async ({ context, timings, maxSocketsPerUser = 20, web }: ListenOptions = {}) => {
    const own = context ?? operations.context;
    const feeds = openLiveFeeds(own, { maxSocketsPerUser }, timings ?? TIMINGS);
    const app = await buildPublicPort(own, { ...WEB, ...web }, feeds);
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    return {
      app,
      url,
      connect: ({ authorization, path = EVENTS, protocols = [], headers, ...options }: Connecting = {}) => {
        const credential = authorization === undefined ? {} : { authorization };
        const address = `${url.replace('http:', 'ws:')}${path}`;
        const client = new Client(address, protocols, { ...options, headers: { ...credential, ...headers } });
        clients.push(client);
        return client;
      },
    };
  };
  beforeAll(async () => {
    port = await listen();
  });
  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.terminate();
    for (const { app } of extra.splice(0)) await app.close();
  });
  afterAll(() => port?.app.close());
  const mainPort = () => {
    if (port === undefined) throw new Error('the suite has not begun');
    return port;
  };
  const bearerOf = async (caller: Caller) =>
    `Bearer ${(await operations.startSession(caller.userId, 'bearer')).secret}`;
  return {
    operations,
    get port() {
      return mainPort();
    },
    bearerOf,
    welcome: async (caller, on = mainPort(), options = {}) => {
      const client = on.connect({ authorization: await bearerOf(caller), ...options });
      await expect.poll(() => client.hello?.type ?? client.closed).toBe('hello');
      return client;
    },
    tell: async (ownerId, name, { db = operations.store, payload = {} } = {}) => {
      const id = randomUUID();
      await insertEvent(db, { name, resourceId: id, rootId: id, ownerId, payload });
    },
    lastEventId: () => findLastEventId(operations.store),
    listen: async (options) => {
      const another = await listen(options);
      extra.push(another);
      return another;
    },
    newKey: (caller, scopes = null, expiresAt = null) => {
      const input = { door: 'key' as const, name: 'for a test', expiresAt, scopes };
      return createApiKey.invoke(operations.context, { caller, origin: ORIGIN, input });
    },
    newCaller: (user) => operations.newCaller({ rateLimitPerSecond: 1_000, rateLimitBurst: 1_000, ...user }),
  };
}
