/** One socket from its upgrade on: who it is, whether they may, the feed. Source: contract orchestrator, 4.4. */
import type { Caller } from '../domain/caller.ts';
import { withDeadline } from '../kernel/deadline.ts';
import { isFault } from '../kernel/fault.ts';
import type { Context } from '../operations/context.ts';
import { admit } from '../operations/identity/admit.ts';
import type { CredentialWatch } from '../operations/identity/credential-watch.ts';
import { type Closing, ENDED, FAILED, lacksScope, NOT_NOW, REFUSED } from './closing.ts';
import type { Opening, Subscribe, Subscription } from './feed.ts';
import type { LiveSocket } from './live-socket.ts';
import type { OpenSockets } from './open-sockets.ts';

/** What a client waits at most for its first message. */
const GREET_MS = 10_000;

export interface ServingParts {
  readonly context: Context;
  readonly sockets: OpenSockets;
  readonly watch: CredentialWatch;
  readonly subscribe: Subscribe;
}

/** Serves a socket until it ends. Never rejects: whatever goes wrong is said by closing. */
export async function serveSocket(parts: ServingParts, socket: LiveSocket, opening: Opening): Promise<void> {
  parts.sockets.add(socket);
  const log = logOf(parts.context, socket, opening);
  try {
    const admission = await withDeadline('who opens a socket', GREET_MS, () =>
      admit(parts.context, opening.shown),
    );
    if ('refused' in admission) return socket.end(REFUSED[admission.refused]);
    log.admitted(admission.caller);
    await serveCaller(parts, socket, opening, admission.caller);
  } catch (error) {
    endFor(parts.context, socket, error);
  }
}

async function serveCaller(
  { context, sockets, watch, subscribe }: ServingParts,
  socket: LiveSocket,
  opening: Opening,
  caller: Caller,
): Promise<void> {
  sockets.assign(socket, caller.userId);
  if (!socket.isOpen) return;
  const subscription = subscribe(socket, caller, opening);
  const unwatch = watch.watch(caller, {
    ended: (reason) => socket.end(ENDED[reason]),
    seen: (now) => void tell(context, socket, subscription, now),
  });
  socket.onEnd(unwatch);
  await withDeadline('the first message of a socket', GREET_MS, () => subscription.greet());
  // Nothing of the client is answered before that.
  socket.listen();
  await subscription.follow();
}

async function tell(
  context: Context,
  socket: LiveSocket,
  subscription: Subscription,
  caller: Caller,
): Promise<void> {
  try {
    await subscription.callerSeen(caller);
  } catch (error) {
    endFor(context, socket, error);
  }
}

function endFor(context: Context, socket: LiveSocket, error: unknown): void {
  if (!socket.isOpen) return;
  const closing = closingFor(error);
  if (closing === FAILED) context.log.error({ err: error }, 'a socket failed');
  socket.end(closing);
}

function closingFor(error: unknown): Closing {
  if (isFault(error, 'forbidden.scope')) return lacksScope(String(error.details.scope));
  return isFault(error, 'deadline.exceeded') ? NOT_NOW : FAILED;
}

/** One line for each socket, and one when somebody was let in. Never the query: credentials travel there. */
function logOf({ log }: Context, socket: LiveSocket, { path, origin }: Opening) {
  const beganMs = performance.now();
  let user: string | undefined;
  socket.onEnd(() => {
    const ms = Math.round(performance.now() - beganMs);
    log.info({ path, user, reqId: origin.requestId, ms, ...socket.closing }, 'socket closed');
  });
  return {
    admitted({ username }: Caller): void {
      user = username;
      log.info({ path, user, reqId: origin.requestId }, 'socket opened');
    },
  };
}
