import { SHUTDOWN, TOO_MANY_SOCKETS } from './closing.ts';
import type { LiveSocket } from './live-socket.ts';

/** The sockets that are open in this process: so many a user, and none once it stops. */
export class OpenSockets {
  readonly #mostPerUser: number;
  readonly #all = new Set<LiveSocket>();
  readonly #perUser = new Map<number, number>();
  #isClosed = false;

  constructor(mostPerUser: number) {
    this.#mostPerUser = mostPerUser;
  }

  add(socket: LiveSocket): void {
    this.#all.add(socket);
    socket.onEnd(() => this.#all.delete(socket));
    if (this.#isClosed) socket.end(SHUTDOWN);
  }

  /** Counts the socket as the user's; ends it when they have enough. */
  assign(socket: LiveSocket, userId: number): void {
    const count = this.#perUser.get(userId) ?? 0;
    if (count >= this.#mostPerUser) socket.end(TOO_MANY_SOCKETS);
    else {
      this.#perUser.set(userId, count + 1);
      socket.onEnd(() => this.#release(userId));
    }
  }

  /** Ends all, and whatever comes later. */
  close(): void {
    this.#isClosed = true;
    for (const socket of [...this.#all]) socket.end(SHUTDOWN);
  }

  #release(userId: number): void {
    const left = (this.#perUser.get(userId) ?? 1) - 1;
    if (left === 0) this.#perUser.delete(userId);
    else this.#perUser.set(userId, left);
  }
}
