/** A WebSocket client that remembers all it saw. */
import { EventFeedMessage } from '@backyard/contracts/live';
import { Check } from 'typebox/value';
import { afterEach, expect } from 'vitest';
import { WebSocket } from 'ws';
import { type Api, api } from './api.ts';
import { cookieOf } from './cookies.ts';
import type { Person } from './people.ts';
import type { Product } from './product.ts';
import { until } from './until.ts';

export const EVENTS = '/api/v1/ws/events';

export interface LiveEvent {
  readonly type: 'event';
  readonly id: number;
  readonly at: string;
  readonly name: string;
  readonly resource_id: string;
  readonly root_id: string;
}

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

export interface Opening {
  readonly path?: string;
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

export class LiveClient {
  readonly socket: WebSocket;
  /** In their order; texts that are no JSON as they came. */
  readonly messages: unknown[] = [];
  closed: Closed | undefined;

  constructor(product: Product, { path = EVENTS, protocols = [], headers = {} }: Opening) {
    this.socket = new WebSocket(`${product.url.replace('http:', 'ws:')}${path}`, [...protocols], { headers });
    this.socket.on('message', (data) => this.messages.push(this.#parse(String(data))));
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
    });
    // A refused upgrade shows as a close without a code.
    this.socket.on('error', () => undefined);
  }

  get events(): readonly LiveEvent[] {
    return this.messages.filter((message) => typeOf(message) === 'event') as LiveEvent[];
  }

  get lastEventId(): number {
    return (this.messages[0] as { last_event_id: number }).last_event_id;
  }

  /** Resolves once the first message is there; throws when it is another, or the socket closes instead. */
  async greeted(): Promise<this> {
    await until(() => this.messages.length > 0 || this.closed !== undefined, { what: 'a first message' });
    if (typeOf(this.messages[0]) !== 'hello') {
      throw new Error(`no greeting, but ${JSON.stringify(this.messages[0] ?? this.closed)}`);
    }
    return this;
  }

  /** The names of the events of a resource, once there are as many. */
  async eventsOf(resourceId: string, count: number, timeoutMs = 1_000): Promise<readonly string[]> {
    const names = () =>
      this.events.filter(({ resource_id }) => resource_id === resourceId).map(({ name }) => name);
    await until(() => names().length >= count, { what: `${count} events, not ${names()}`, timeoutMs });
    return names();
  }

  /** How it was closed. */
  ended(timeoutMs = 2_000): Promise<Closed> {
    return until(() => this.closed, { what: 'the socket is closed', timeoutMs, everyMs: 10 });
  }

  #parse(text: string): unknown {
    if (!text.startsWith('{')) return text;
    const message: unknown = JSON.parse(text);
    if (!Check(EventFeedMessage, message)) throw new Error(`a message against the contract: ${text}`);
    return message;
  }
}

function typeOf(message: unknown): unknown {
  return (message as { type?: unknown } | undefined)?.type;
}

export type Open = (product: Product, opening?: Opening) => LiveClient;

/** Opens sockets that are gone when the test ends. */
export function useSockets(): Open {
  const opened: LiveClient[] = [];
  afterEach(() => {
    for (const { socket } of opened.splice(0)) socket.terminate();
  });
  return (product, opening = {}) => {
    const client = new LiveClient(product, opening);
    opened.push(client);
    return client;
  };
}

export function withToken(token: string): Opening {
  return { headers: { authorization: `Bearer ${token}` } };
}

/** A socket that was greeted. */
export function listen(open: Open, product: Product, token: string, path = EVENTS): Promise<LiveClient> {
  return open(product, { ...withToken(token), path }).greeted();
}

interface Ticket {
  readonly ticket: string;
  readonly expires_in: number;
}

/** A new ticket of the caller. */
export async function ticketOf(caller: Api): Promise<string> {
  const answer = await caller.post<Ticket>('/api/v1/ws/tickets');
  expect([answer.status, answer.body.expires_in], answer.text).toEqual([200, 30]);
  expect(answer.headers['cache-control']).toBe('no-store');
  return answer.body.ticket;
}

/** The `Cookie` header of a new session, and a client that shows it. */
export async function browserSession({ url }: Product, { username, password }: Person) {
  const answer = await api(url).post('/api/v1/auth/sessions', { username, password });
  const { name, value } = cookieOf(answer, 'backyard_session');
  const cookie = `${name}=${value}`;
  return {
    cookie,
    send: (method: string, path: string) => api(url).send({ method, path, headers: { cookie } }),
  };
}
