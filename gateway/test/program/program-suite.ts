/** Starts `backyard-rest` as its users do, on a small database. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { TestDatabase } from '../support/database.ts';
import { createTenantDatabase, until } from '../tenants/tenant-suite.ts';

export const BIN = fileURLToPath(new URL('../../bin/backyard-rest.js', import.meta.url));
export const HOST = '127.0.0.1';
export const SECRET = 'a'.repeat(32);

interface Running {
  readonly child: ChildProcess;
  readonly base: string;
  readonly admin: string;
  log(): string;
}

export let database: TestDatabase;
export let dir: string;
let started: ChildProcess[];

/** Called once by each test file. */
export function useProgramSuite(): void {
  beforeAll(async () => {
    database = await createTenantDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'backyard-rest-'));
    started = [];
  });
  afterEach(async () => {
    for (const child of started) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    await rm(dir, { recursive: true });
  });
}

export async function configure(
  keys: Readonly<Record<string, boolean | number | string>> = {},
): Promise<string> {
  const all = {
    'db-uri': database.authenticatorDsn,
    'db-schemas': 'api',
    'db-anon-role': 'web_anon',
    'server-host': HOST,
    'server-port': 0,
    'admin-server-port': 0,
    ...keys,
  };
  const path = join(dir, 'rest.conf');
  const lines = Object.entries(all).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
  await writeFile(path, lines.join(''));
  return path;
}

export function launch(
  path: string,
  environment: Readonly<Record<string, string>> = {},
): Omit<Running, 'admin' | 'base'> {
  const child = spawn(process.execPath, [BIN, path], {
    env: environment,
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  started.push(child);
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return { child, log: () => text };
}

export async function run(path: string, environment?: Readonly<Record<string, string>>): Promise<Running> {
  const { child, log } = launch(path, environment);
  await until(() => log().includes('admin server listening') || child.exitCode !== null);
  const ports = [...log().matchAll(/"port":(\d+),"msg":"(admin server )?listening"/g)].map(
    (match) => match[1],
  );
  if (ports.length !== 2) throw new Error(`the program did not start: ${log()}`);
  return { child, log, base: `http://${HOST}:${ports[0]}`, admin: `http://${HOST}:${ports[1]}` };
}

export async function statusOf(url: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await fetch(url, { headers });
  await response.arrayBuffer();
  return response.status;
}

export async function exitOf(
  child: ChildProcess,
): Promise<[code: number | null, signal: NodeJS.Signals | null]> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return [child.exitCode, child.signalCode];
}
