/** Starts Backyard as a person would, as a process of its own, and ends all of it again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { isRunning, processesUsing } from './processes.ts';
import { type Finished, node, projectRoot, runProgram } from './program.ts';
import { until } from './until.ts';

export type Settings = Readonly<Record<string, string | undefined>>;

export interface ProductOptions {
  /** Added to the environment; `undefined` takes a variable away. */
  readonly env?: Settings;
  /** The working directory, in which the data directory lies. Default: a fresh one, removed at the end. */
  readonly home?: string;
  /** Up means that this path answers 200. */
  readonly upWhen?: '/health/ready' | '/healthz';
}

const generousLimits: Settings = {
  LOGIN_RATE_LIMIT_PER_MINUTE: '1000000',
  LOGIN_RATE_LIMIT_BURST: '1000000',
  DEFAULT_RATE_LIMIT_PER_SECOND: '10000',
  DEFAULT_RATE_LIMIT_BURST: '100000',
  ADMIN_RATE_LIMIT_PER_SECOND: '10000',
  ADMIN_RATE_LIMIT_BURST: '100000',
};

export const adminPassword = 'Correct-Horse-7-Battery';

function lastLines(text: string): string {
  return text.split('\n').slice(-40).join('\n');
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** A fresh directory that only this user may enter, as `mktemp -d` makes it. */
export function freshDirectory(): string {
  return mkdtempSync(join(realpathSync(tmpdir()), 'backyard-acceptance-'));
}

/** True when the path answers 200. */
export function answersOk(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request(url, { agent: false, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    probe.once('timeout', () => probe.destroy());
    probe.once('error', () => resolve(false));
    probe.end();
  });
}

export class Product {
  readonly url: string;
  readonly port: number;
  readonly home: string;
  readonly dataDir: string;
  readonly adminUsername = 'admin';
  readonly adminPassword = adminPassword;
  /** What the next start is given. */
  env: NodeJS.ProcessEnv;
  /** Standard output and error of every start so far. */
  output = '';
  private readonly upWhen: string;
  private child: ChildProcess | undefined;

  constructor(port: number, options: ProductOptions) {
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.home = options.home ?? freshDirectory();
    this.dataDir = join(this.home, 'data');
    this.upWhen = options.upWhen ?? '/health/ready';
    this.env = {
      PATH: process.env.PATH,
      HOME: this.home,
      BACKYARD_DATA_DIR: this.dataDir,
      BACKYARD_HOST: '127.0.0.1',
      BACKYARD_PORT: String(port),
      BACKYARD_ADMIN_USERNAME: this.adminUsername,
      BACKYARD_ADMIN_PASSWORD: this.adminPassword,
      // Suites that count what is in the cluster want nothing made in advance.
      BACKYARD_SPARE_DATABASES: '0',
      // Suites that are not about limits never meet one.
      ...generousLimits,
    };
    this.change(options.env ?? {});
  }

  change(settings: Settings): void {
    this.env = { ...this.env, ...settings };
    for (const name of Object.keys(this.env)) if (this.env[name] === undefined) delete this.env[name];
  }

  get pid(): number {
    if (this.child?.pid === undefined) throw new Error('the product was not started');
    return this.child.pid;
  }

  get running(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** How the last process ended. */
  get exitCode(): number | null {
    return this.child?.exitCode ?? null;
  }

  /** Starts the process without waiting for anything. */
  launch(): void {
    const entry = join(projectRoot, 'server/src/main/all-in-one.ts');
    const child = spawn(node, [entry], { cwd: this.home, env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.once('error', (error) => {
      this.output += `could not start: ${error.message}\n`;
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        this.output += chunk;
      });
    }
    this.child = child;
  }

  /** Starts and waits until it is up; throws with the output when it ends instead, or after a minute. */
  async start(settings: Settings = {}): Promise<this> {
    this.change(settings);
    this.launch();
    try {
      await until(() => !this.running || answersOk(`${this.url}${this.upWhen}`), {
        what: 'the product is up',
        timeoutMs: 60_000,
        everyMs: 100,
      });
      if (!this.running) throw new Error(`the product ended with code ${this.exitCode}`);
    } catch (error) {
      throw new Error(`Backyard did not start:\n${lastLines(this.output)}`, { cause: error });
    }
    return this;
  }

  async gone(timeoutMs = 10_000): Promise<void> {
    await until(() => !this.running, { what: `process ${this.pid} ended`, timeoutMs });
  }

  /** Asks it to stop, as a supervisor does, and holds it to the promised 10 s. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.running) return;
    this.child?.kill(signal);
    try {
      await this.gone();
    } catch (error) {
      this.child?.kill('SIGKILL');
      throw new Error(`${signal} did not end the product within 10 s:\n${lastLines(this.output)}`, {
        cause: error,
      });
    }
  }

  /** Ends the server alone, without a chance to clean up; its Postgres lives on. */
  async kill(): Promise<void> {
    if (!this.running) return;
    this.child?.kill('SIGKILL');
    await this.gone();
  }

  async restart(settings: Settings = {}): Promise<void> {
    await this.stop();
    await this.start(settings);
  }

  /** Runs the operators' entry against this data directory, also while the server runs. */
  admin(args: readonly string[], stdin?: string): Promise<Finished> {
    const entry = join(projectRoot, 'server/src/main/admin.ts');
    const { BACKYARD_FAIL_POINT: _, ...env } = this.env;
    return runProgram(node, [entry, ...args], {
      env,
      cwd: this.home,
      ...(stdin === undefined ? {} : { stdin }),
    });
  }

  /** Ends everything that still works in the home directory, and removes that. */
  async dispose(): Promise<void> {
    try {
      await this.stop();
    } finally {
      await endPostgres(this.home);
      await rm(this.home, { recursive: true, force: true });
    }
  }
}

/** The process id of the embedded Postgres, if one says that it runs. */
export function postgresPid(home: string): number | undefined {
  try {
    const [pid] = readFileSync(join(home, 'data', 'postgres', 'postmaster.pid'), 'utf8').split('\n');
    return Number(pid);
  } catch {
    return undefined;
  }
}

/** Ends a Postgres that outlived its server, as it does when that was killed. */
export async function endPostgres(home: string): Promise<void> {
  const pid = postgresPid(home);
  if (pid !== undefined && isRunning(pid) && processesUsing(home).some((p) => p.pid === pid)) {
    process.kill(pid, 'SIGQUIT');
  }
  await until(() => processesUsing(home).length === 0, { what: `no process works in ${home}` });
}

/** A product that is up; the caller disposes of it. */
export async function startProduct(options: ProductOptions = {}): Promise<Product> {
  const product = new Product(await freePort(), options);
  try {
    return await product.start();
  } catch (error) {
    await product.dispose();
    throw error;
  }
}

/** One product for all tests of a file. Its output is shown when a test fails. */
export function useProduct(options: ProductOptions = {}): () => Product {
  let product: Product | undefined;
  let shown = 0;
  beforeAll(async () => {
    product = await startProduct(options);
  });
  afterEach(({ task }) => {
    const news = product?.output.slice(shown) ?? '';
    shown += news.length;
    if (task.result?.state === 'fail')
      process.stderr.write(`--- output during "${task.name}"\n${lastLines(news)}\n`);
  });
  afterAll(async () => {
    await product?.dispose();
  });
  return () => {
    if (product === undefined) throw new Error('the product is not up');
    return product;
  };
}

export interface Products {
  /** Not started yet. */
  make(options?: ProductOptions): Promise<Product>;
  /** Started and up. */
  up(options?: ProductOptions): Promise<Product>;
  /** Happens by itself after each test. */
  disposeAll(): Promise<void>;
}

/** Products for tests that start their own; each is disposed of when its test ends. */
export function useProducts(): Products {
  const made: Product[] = [];
  const disposeAll = async () => {
    for (const product of made.splice(0)) await product.dispose();
  };
  const make = async (options: ProductOptions = {}) => {
    const product = new Product(await freePort(), options);
    made.push(product);
    return product;
  };
  afterEach(disposeAll);
  return { make, disposeAll, up: async (options) => (await make(options)).start() };
}

/** Terminal output without its colours. */
export function plain(text: string): string {
  return stripVTControlCharacters(text);
}
