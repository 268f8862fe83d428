/**
 * Socket routes: a request that upgrades goes to its feed, any other to the route's implementation. The upgrade is
 * accepted whoever asks, because a browser could not see why it was refused (contract orchestrator, section 5).
 */
import type { IncomingMessage } from 'node:http';
import { type Contract, pathsOf } from '@backyard/contracts';
import fastifyWebsocket, { type WebSocket } from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Origin } from '../../domain/caller.ts';
import type { Presented } from '../../operations/identity/authenticate.ts';
import { hasOwnOrigin, presentedBy } from './browser.ts';
import { type Mounting, mountSurface } from './mount.ts';
import type { Surface } from './surface.ts';
import type { WebSettings } from './web-settings.ts';

export interface SocketOpening {
  readonly shown: Presented | { readonly ticket: string };
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly origin: Origin;
}

/** What speaks on sockets, handed in by whoever composes the process. */
export interface Feeds {
  /** By operation of the contract; takes over a socket whose upgrade was accepted. */
  readonly feeds: Readonly<Record<string, (socket: WebSocket, opening: SocketOpening) => void>>;
  /** Ends all sockets, and whatever still comes. */
  close(): void;
}

const BEARER = 'authorization.bearer.';
/** The longest message that a client may send, in bytes. */
const LONGEST_MESSAGE = 4_096;
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** Which requests upgrade; all others are answered as if they had not asked for it. */
export function upgradesTo(
  contract: Contract,
  feeds: Feeds,
  isStopping: () => boolean,
): (request: IncomingMessage) => boolean {
  const paths = new Set(
    contract.routes.flatMap((route) => (route.operation in feeds.feeds ? pathsOf(route) : [])),
  );
  return ({ method, url = '', headers }) =>
    method === 'GET' &&
    paths.has(url.split('?', 1)[0] ?? '') &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['sec-websocket-version'] === '13' &&
    KEY.test(headers['sec-websocket-key'] ?? '') &&
    !isStopping();
}

/** Serves a surface with socket routes. */
export function mountSocketSurface(
  app: FastifyInstance,
  surface: Surface,
  mounting: Mounting,
  feeds: Feeds,
): void {
  const feedAt = new Map(
    surface.contract.routes.flatMap((route) => {
      const serve = feeds.feeds[route.operation];
      return serve ? pathsOf(route).map((path) => [path, serve] as const) : [];
    }),
  );
  const mount = async (scope: FastifyInstance) => {
    // Comes before the plugin, which looks at every route for this.
    scope.addHook('onRoute', (options) => {
      const serve = options.method === 'GET' ? feedAt.get(options.url) : undefined;
      if (serve) options.wsHandler = (socket, request) => serve(socket, openingOf(request, mounting.web));
    });
    await scope.register(fastifyWebsocket, {
      options: { maxPayload: LONGEST_MESSAGE, handleProtocols: (offered) => bearerIn(offered) ?? false },
      errorHandler: (error, socket, request) => {
        request.log.debug({ err: error }, 'a socket broke');
        socket.close(1011);
      },
      preClose: (done) => {
        feeds.close();
        scope.websocketServer.close();
        done();
      },
    });
    mountSurface(scope, surface, mounting);
  };
  app.register((scope, _options, done) => {
    mount(scope).then(() => done(), done);
  });
}

/** The credential in the order of the contract (orchestrator, section 4.4), and what else the feed must know. */
function openingOf(request: FastifyRequest, web: WebSettings): SocketOpening {
  const query = request.query as Record<string, unknown>;
  return {
    shown: shownBy(request, query, web),
    path: request.url.split('?', 1)[0] ?? '',
    query,
    origin: {
      requestId: request.id,
      address: request.ip,
      userAgent: request.headers['user-agent'] ?? null,
    },
  };
}

function shownBy(
  request: FastifyRequest,
  query: Readonly<Record<string, unknown>>,
  web: WebSettings,
): SocketOpening['shown'] {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
  const fromProtocol = bearerIn(offered)?.slice(BEARER.length);
  if (fromProtocol) return bearer(fromProtocol);
  const ticket = textOf(query.ticket);
  if (ticket) return { ticket };
  const token = textOf(query.token);
  if (token) return bearer(token);
  const presented = presentedBy(request, web);
  if (presented.authorization !== undefined || hasOwnOrigin(request, web)) return presented;
  // Browsers send these by themselves, whoever's page it is.
  return { ...presented, proxyEmail: undefined, sessionCookie: undefined };
}

function bearer(token: string): Presented {
  return { authorization: `Bearer ${token}`, proxyEmail: undefined, sessionCookie: undefined };
}

function bearerIn(protocols: Iterable<string>): string | undefined {
  return [...protocols].find((protocol) => protocol.startsWith(BEARER));
}

/** The first one where there are several. */
function textOf(value: unknown): string | undefined {
  const [first] = [value].flat();
  return typeof first === 'string' ? first : undefined;
}
