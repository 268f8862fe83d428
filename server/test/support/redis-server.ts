import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const START_MS = 10_000;
const STOP_MS = 5_000;
const ATTEMPTS = 3;

export interface RedisServer {
  readonly port: number;
  /** Without the password, if it has one. */
  readonly url: string;
  /** Again on the same port, empty, after `stop`. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Leaves its connections open and answers nothing until `resume`. */
  pause(): void;
  resume(): void;
  /** Stops it and removes its directory. */
  end(): Promise<void>;
}

/**
 * Starts a throwaway redis-server on a free port of 127.0.0.1 that keeps nothing on disk. `config` are lines of
 * redis.conf; they go by standard input, so that a password stands in no list of processes. `{port}` in
 * them is replaced.
 */
export async function startRedisServer(config: readonly string[] = []): Promise<RedisServer> {
  const dir = await mkdtemp(join(tmpdir(), 'backyard-redis-'));
  try {
    return await startOnFreePort(dir, config);
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

/** Between the look for a free port and its use another may take it. */
async function startOnFreePort(dir: string, config: readonly string[]): Promise<RedisServer> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const lines = ['bind 127.0.0.1', 'port {port}', `dir ${dir}`, 'save ""', 'appendonly no', ...config];
    const text = lines.join('\n').replaceAll('{port}', `${port}`);
    try {
      return serverOf(await launch(text), { port, dir, text });
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

function serverOf(
  launched: ChildProcess,
  { port, dir, text }: { readonly port: number; readonly dir: string; readonly text: string },
): RedisServer {
  let child: ChildProcess | undefined = launched;
  const stop = async () => {
    if (child) await endProcess(child);
    child = undefined;
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    start: async () => {
      child ??= await launch(text);
    },
    stop,
    pause: () => child?.kill('SIGSTOP'),
    resume: () => child?.kill('SIGCONT'),
    end: async () => {
      await stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function launch(config: string): Promise<ChildProcess> {
  const child = spawn('redis-server', ['-'], { stdio: ['pipe', 'pipe', 'inherit'] });
  // One that dies before it has read says why by its end.
  child.stdin.on('error', () => {});
  child.stdin.end(config);
  try {
    await untilReady(child);
  } catch (error) {
    await endProcess(child);
    throw error;
  }
  return child;
}

function untilReady(child: ChildProcess): Promise<void> {
  let output = '';
  let deadline: NodeJS.Timeout | undefined;
  const ready = new Promise<void>((resolve, reject) => {
    deadline = setTimeout(() => reject(new Error(`redis-server is not ready: ${output}`)), START_MS);
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Ready to accept connections')) resolve();
    });
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`redis-server ended with ${code}: ${output}`)));
  });
  return ready.finally(() => clearTimeout(deadline));
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await closed;
  clearTimeout(deadline);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
