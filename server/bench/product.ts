import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

export interface Product {
  readonly url: string;
  readonly token: string;
  /** Superuser of the embedded cluster. */
  readonly adminDsn: string;
  /** Waits until nothing is under way: no spare is being made while something is measured. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

const ADMIN_PASSWORD = 'bench-password-of-the-admin';
const READY_MS = 60_000;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Starts the product as `npm start` does, on a fresh data directory, and signs in. */
export async function startProduct(settings: Readonly<Record<string, string>> = {}): Promise<Product> {
  const dataDir = await mkdtemp(join(tmpdir(), 'backyard-bench-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const log = await open(join(dataDir, 'bench.log'), 'a');
  const child = spawn(process.execPath, ['server/src/main/all-in-one.ts'], {
    // As a supervisor would take it: the log at its default level, into a file.
    stdio: ['ignore', 'ignore', log.fd],
    env: {
      ...process.env,
      BACKYARD_DATA_DIR: dataDir,
      BACKYARD_PORT: String(port),
      BACKYARD_ADMIN_PASSWORD: ADMIN_PASSWORD,
      ...settings,
    },
  });
  await untilReady(url);
  const { port: postgresPort, password } = JSON.parse(
    await readFile(join(dataDir, 'postgres.json'), 'utf8'),
  ) as { port: number; password: string };
  const ownDsn = `postgres://postgres:${password}@127.0.0.1:${postgresPort}/backyard`;
  return {
    url,
    token: await signIn(url),
    adminDsn: `postgres://postgres:${password}@127.0.0.1:${postgresPort}/postgres`,
    idle: () => untilIdle(ownDsn),
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
      await log.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function untilIdle(dsn: string): Promise<void> {
  const client = new pg.Client({ connectionString: dsn });
  await client.connect();
  try {
    for (;;) {
      const { rows } = await client.query(
        `select from backyard.resources where observed_generation < generation
         union all select from backyard.leases where until > now() limit 1`,
      );
      if (rows.length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    await client.end();
  }
}

async function untilReady(url: string): Promise<void> {
  const deadline = Date.now() + READY_MS;
  for (;;) {
    const response = await fetch(`${url}/health/ready`).catch(() => undefined);
    if (response?.ok) return;
    if (Date.now() > deadline) throw new Error('the product did not start');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function signIn(url: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: ADMIN_PASSWORD }),
  });
  return ((await response.json()) as { token: string }).token;
}
