/** A Redis of the test's own: Debian's server on a free port, with nothing on disk. */
import { type ChildProcess, spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { freePort, freshDirectory } from './product.ts';
import { until } from './until.ts';

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(1_000, () => socket.destroy());
    socket.once('data', (data) => {
      resolve(data.toString().startsWith('+PONG'));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

export class RedisServer {
  readonly port: number;
  readonly url: string;
  readonly #home = freshDirectory();
  #child: ChildProcess | undefined;

  constructor(port: number) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  async start(): Promise<this> {
    const args = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    this.#child = spawn('redis-server', [...args, '--dir', this.#home], { stdio: 'ignore' });
    await until(() => answers(this.port), { what: 'redis-server answers' });
    return this;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await until(() => child.exitCode !== null || child.signalCode !== null, { what: 'redis-server ended' });
  }

  async dispose(): Promise<void> {
    await this.stop();
    await rm(this.#home, { recursive: true, force: true });
  }
}

export async function startRedis(): Promise<RedisServer> {
  return new RedisServer(await freePort()).start();
}
