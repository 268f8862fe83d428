/** Keeps connections busy with one request, with as little work of its own as can be. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const CONNECTIONS = 16;

/** Requests per second that were answered with 200. */
export async function measureLoad(port: number, path: string, durationMs: number): Promise<number> {
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`);
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(port)));
  const until = performance.now() + durationMs;
  const startedAt = performance.now();
  const counts = await Promise.all(sockets.map((socket) => keepBusy(socket, request, until)));
  const seconds = (performance.now() - startedAt) / 1_000;
  for (const socket of sockets) socket.destroy();
  return counts.reduce((sum, count) => sum + count, 0) / seconds;
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').setNoDelay();
  await once(socket, 'connect');
  return socket;
}

function keepBusy(socket: Socket, request: Buffer, until: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const counter = new AnswerCounter();
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      if (!counter.take(chunk)) return;
      if (counter.failure !== null) reject(new Error(`unexpected answer: ${counter.failure}`));
      else if (performance.now() >= until) resolve(counter.answered);
      else socket.write(request);
    });
    socket.write(request);
  });
}

/** Finds where answers end, by their Content-Length. */
class AnswerCounter {
  answered = 0;
  failure: string | null = null;
  #head: Buffer = Buffer.alloc(0);
  #missing = 0;

  /** Whether an answer is complete. */
  take(chunk: Buffer): boolean {
    if (this.#missing > 0) this.#missing -= chunk.length;
    else if (!this.#takeHead(chunk)) return false;
    if (this.#missing > 0) return false;
    this.answered += 1;
    return true;
  }

  #takeHead(chunk: Buffer): boolean {
    this.#head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
    const end = this.#head.indexOf(HEAD_END);
    if (end < 0) return false;
    const text = this.#head.toString('latin1', 0, end);
    if (!text.startsWith('HTTP/1.1 200')) this.failure = text.split('\r\n')[0] ?? '';
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1]);
    this.#missing = length - (this.#head.length - end - HEAD_END.length);
    this.#head = Buffer.alloc(0);
    return true;
  }
}
