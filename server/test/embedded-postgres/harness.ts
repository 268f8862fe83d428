/** Directories, ports, clients and killable parents for the suites of the embedded Postgres. */
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect } from 'vitest';
import { findProcessStart, signalProcess } from '../../src/drivers/command/process-identity.ts';
import { type DetachedProcess, spawnDetached } from '../../src/drivers/command/spawn-detached.ts';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from '../../src/drivers/embedded-postgres/embedded-postgres.ts';
import { layoutOf } from '../../src/drivers/embedded-postgres/layout.ts';
import { chooseFreePort } from '../../src/drivers/embedded-postgres/port.ts';
import { findPostmaster, stopPostmaster } from '../../src/drivers/embedded-postgres/postmaster.ts';
import { memoryLog } from '../support/test-log.ts';

const START_AND_WAIT = join(import.meta.dirname, 'start-and-wait.ts');

export interface StandIn extends DetachedProcess {
  readonly postgresPid: number;
  readonly dsn: string;
  readonly adopted: boolean;
  readonly messages: readonly string[];
}

export class Harness {
  readonly dataDir: string;
  readonly log = memoryLog();
  readonly #clients: pg.Client[] = [];
  readonly #parents: DetachedProcess[] = [];
  readonly #started: EmbeddedPostgres[] = [];

  constructor(dataDir: string) {
    this.dataDir = dataDir;
  }

  static async create(): Promise<Harness> {
    const dataDir = await mkdtemp(join(tmpdir(), 'backyard-embedded-'));
    await chmod(dataDir, 0o711);
    return new Harness(dataDir);
  }

  /** Starts it in this process. */
  async start(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
    const settings = { dataDir: this.dataDir, preferredPort: 0, log: this.log, ...options };
    const postgres = await startEmbeddedPostgres(settings);
    this.#started.push(postgres);
    return postgres;
  }

  /** Starts it in a process of its own. */
  async startStandIn(
    wrap: (file: string, args: string[]) => Parameters<typeof spawnDetached>[0] = plain(this),
  ) {
    const logFile = join(this.dataDir, 'stand-in.log');
    await rm(logFile, { force: true });
    const args = [START_AND_WAIT, this.dataDir, String(await chooseFreePort(0))];
    const parent = await spawnDetached({ ...wrap(process.execPath, args), logFile });
    this.#parents.push(parent);
    const printed = () => readFile(logFile, 'utf8');
    await expect.poll(printed, { timeout: 30_000 }).toMatch(/^\{.*\}\n$/);
    return { ...parent, ...JSON.parse(await printed()) } as StandIn;
  }

  /** Starts a process of its own without waiting for what it prints. */
  async launchStandIn(): Promise<DetachedProcess> {
    const args = [START_AND_WAIT, this.dataDir, String(await chooseFreePort(0))];
    const parent = await spawnDetached(plain(this)(process.execPath, args));
    this.#parents.push(parent);
    return parent;
  }

  async connect(dsn: string): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: dsn,
      connectionTimeoutMillis: 5_000,
      query_timeout: 20_000,
    });
    client.on('error', () => {
      // Tests cut connections; what they ask of them afterwards tells.
    });
    await client.connect();
    this.#clients.push(client);
    return client;
  }

  /** One statement in a session of its own; the first value of the first row. */
  async ask(dsn: string, statement: string): Promise<unknown> {
    const client = await this.connect(dsn);
    const { rows } = await client.query<Record<string, unknown>>(statement);
    await client.end();
    return Object.values(rows[0] ?? {})[0];
  }

  /** Ends whatever the test has left running, and removes its directory. */
  async remove(): Promise<void> {
    for (const client of this.#clients) await client.end();
    // Before the parents: one of these may have taken over what a parent left, and would start it again.
    for (const postgres of this.#started) await postgres.stop();
    for (const parent of this.#parents) {
      // Not the pid alone: the process has long ended, and somebody else may have its number.
      if (findProcessStart(parent.pid) === parent.processStart) signalProcess(parent.pid, 'SIGKILL');
      await parent.exited;
    }
    const layout = layoutOf(this.dataDir);
    const postmaster = await findPostmaster(layout);
    if (postmaster !== undefined) await stopPostmaster(postmaster, layout);
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
  }

  async leftovers(): Promise<string[]> {
    return (await readdir(this.dataDir)).filter((name) => name.startsWith('postgres.new-'));
  }

  get messages(): string {
    return this.log.lines.map((line) => line.message).join('\n');
  }
}

function plain(harness: Harness) {
  return (file: string, args: string[]) => ({ file, args, logFile: join(harness.dataDir, 'stand-in.log') });
}
