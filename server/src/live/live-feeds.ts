/** Sockets that stay open: the feeds that speak on them, and what all of them share in this process. */
import type { WebSocket } from '@fastify/websocket';
import type { Context } from '../operations/context.ts';
import { CredentialWatch } from '../operations/identity/credential-watch.ts';
import { eventFeed } from './event-feed.ts';
import { EventTail } from './event-tail.ts';
import type { Opening, Subscribe } from './feed.ts';
import { LiveSocket, type SocketTimings, TIMINGS } from './live-socket.ts';
import { OpenSockets } from './open-sockets.ts';
import { serveSocket } from './serve-socket.ts';

export interface LiveSettings {
  /** In one process. */
  readonly maxSocketsPerUser: number;
}

/** Takes over a socket whose upgrade was accepted. */
export type ServeSocket = (socket: WebSocket, opening: Opening) => void;

export interface LiveFeeds {
  /** By operation of the contract. */
  readonly feeds: Readonly<Record<string, ServeSocket>>;
  /** Ends all sockets, and whatever still comes; they are gone a second later. */
  close(): void;
}

export function openLiveFeeds(
  context: Context,
  { maxSocketsPerUser }: LiveSettings,
  timings: SocketTimings = TIMINGS,
): LiveFeeds {
  const sockets = new OpenSockets(maxSocketsPerUser);
  const watch = new CredentialWatch(context);
  const tail = new EventTail(context);
  const serve = (subscribe: Subscribe): ServeSocket => {
    const parts = { context, sockets, watch, subscribe };
    return (socket, opening) => void serveSocket(parts, new LiveSocket(socket, timings), opening);
  };
  return {
    feeds: { 'event.watch': serve(eventFeed(context, tail)) },
    close: () => {
      sockets.close();
      watch.stop();
      tail.stop();
    },
  };
}
