import type { WebSocket } from '@fastify/websocket';
import { BINARY, type Closing, TOO_MANY_MESSAGES, TOO_SLOW } from './closing.ts';
import { MessageWindow } from './message-window.ts';

export interface SocketTimings {
  /** Between two protocol pings; whoever answers none of two is cut. */
  readonly beatMs: number;
  /** How long the other side may take to close once it was told to. */
  readonly lingerMs: number;
}

/** Published: contract orchestrator, section 4.4. */
export const TIMINGS: SocketTimings = { beatMs: 30_000, lingerMs: 1_000 };
const MOST_MESSAGES = 20;
const MESSAGES_SPAN_MS = 1_000;
const MOST_UNSENT = 1_048_576;
const BEATS_TO_ANSWER = 2;

export type Frame = string | Buffer;

/** What every socket of ours keeps to, whatever its feed tells. */
export class LiveSocket {
  /** What it came to, once it has ended. */
  closing: Closing | undefined;
  readonly #socket: WebSocket;
  readonly #timings: SocketTimings;
  readonly #messages = new MessageWindow(MOST_MESSAGES, MESSAGES_SPAN_MS);
  readonly #listeners: (() => void)[] = [];
  #heart: NodeJS.Timeout | undefined;
  #linger: NodeJS.Timeout | undefined;
  #silentBeats = 0;
  #hasEnded = false;

  constructor(socket: WebSocket, timings: SocketTimings) {
    this.#socket = socket;
    this.#timings = timings;
    // What the client says stays in the kernel's buffer until the first message of ours is out.
    socket.pause();
    // The library has told the client what it did wrong.
    socket.on('error', () => this.#hurry());
    socket.once('close', (code, reason) => {
      clearTimeout(this.#linger);
      this.closing ??= { code, reason: reason.toString() };
      this.#end();
    });
  }

  get isOpen(): boolean {
    return !this.#hasEnded;
  }

  /** Calls back once, at the moment from which nothing is sent any more; at once when that has passed. */
  onEnd(listener: () => void): void {
    if (this.#hasEnded) listener();
    else this.#listeners.push(listener);
  }

  /** Begins to answer the client, and to look whether it is there. */
  listen(): void {
    if (this.#hasEnded) return;
    this.#socket.on('message', (message, isBinary) => this.#receive(String(message), isBinary));
    this.#socket.on('pong', () => {
      this.#silentBeats = 0;
    });
    this.#heart = setInterval(() => this.#beat(), this.#timings.beatMs);
    this.#socket.resume();
  }

  /** Sends a text; whoever does not read what was sent before is sent away. Quiet once the socket has ended. */
  send(frame: Frame): void {
    if (this.#hasEnded) return;
    this.#socket.send(frame, { binary: false });
    if (this.#socket.bufferedAmount > MOST_UNSENT) this.end(TOO_SLOW);
  }

  /** Sends texts and waits until the last one is out, or the socket has ended. */
  async sendAll(frames: readonly Frame[]): Promise<void> {
    const last = frames.at(-1);
    if (last === undefined) return;
    for (const frame of frames.slice(0, -1)) this.send(frame);
    if (this.#hasEnded) return;
    await new Promise<void>((resolve) => {
      this.onEnd(resolve);
      this.#socket.send(last, { binary: false }, () => resolve());
    });
  }

  /** Closes, with a moment for the client to agree. Quiet when repeated. */
  end(closing: Closing): void {
    if (this.#hasEnded) return;
    this.closing = closing;
    this.#socket.close(closing.code, closing.reason);
    this.#hurry();
  }

  /** From now on the other side has a second. */
  #hurry(): void {
    this.#linger ??= setTimeout(() => this.#socket.terminate(), this.#timings.lingerMs);
    this.#end();
    // Its own close frame may be behind what was not listened to.
    this.#socket.resume();
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearInterval(this.#heart);
    for (const listener of this.#listeners.splice(0)) listener();
  }

  #beat(): void {
    this.#silentBeats++;
    if (this.#silentBeats >= BEATS_TO_ANSWER) this.#socket.terminate();
    else this.#socket.ping();
  }

  #receive(message: string, isBinary: boolean): void {
    if (this.#hasEnded) return;
    if (isBinary) this.end(BINARY);
    else if (!this.#messages.admit(performance.now())) this.end(TOO_MANY_MESSAGES);
    else this.send(message.toLowerCase() === 'ping' ? 'pong' : JSON.stringify({ type: 'echo', message }));
  }
}
