import type { Caller, Origin } from '../domain/caller.ts';
import type { Presented } from '../operations/identity/authenticate.ts';
import type { LiveSocket } from './live-socket.ts';

/** What a request to open a socket brings along. */
export interface Opening {
  readonly shown: Presented | { readonly ticket: string };
  /** Without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly origin: Origin;
}

/** What one socket gets of a feed. It leaves by itself when the socket ends. */
export interface Subscription {
  /** Sends the first message. Fault: `forbidden.scope` where the credential does not reach that far. */
  greet(): Promise<void>;
  /** Sends all that follows; resolves once that comes by itself. */
  follow(): Promise<void>;
  /** The caller's role may be another now. */
  callerSeen(caller: Caller): Promise<void>;
}

export type Subscribe = (socket: LiveSocket, caller: Caller, opening: Opening) => Subscription;
