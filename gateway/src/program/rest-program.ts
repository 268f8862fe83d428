/** One tenant behind a server of its own: what `postgrest` is. */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { readSettings } from '../config/read-settings.ts';
import type { Settings } from '../config/settings.ts';
import { Gateway } from '../tenants/gateway.ts';
import { renderMetrics } from '../tenants/render-metrics.ts';
import { adminListener } from './admin-listener.ts';
import type { Environment } from './environment.ts';
import { listenOnPort, listenOnSocket, StartFault } from './listen.ts';
import { renderMaskedConfig } from './masked-config.ts';
import { createProgramLog, logRequest, type ProgramLog } from './program-log.ts';
import { requestListener } from './request-listener.ts';

const TENANT = 'main';
const DRAIN_MS = 10_000;
const RETRY_MS = 500;
const IDLE_SWEEP_MS = 50;
/** Longer than those of the usual proxies, so that they and not we close first. */
const KEEP_ALIVE_MS = 75_000;

export class RestProgram {
  readonly #path: string | null;
  readonly #environment: Environment;
  readonly #gateway: Gateway;
  readonly #log: ProgramLog;
  #settings: Settings;
  #server: Server | undefined;
  #admin: Server | undefined;
  #retry: NodeJS.Timeout | undefined;

  private constructor(path: string | null, environment: Environment, settings: Settings) {
    this.#path = path;
    this.#environment = environment;
    this.#settings = settings;
    this.#log = createProgramLog(settings.server.logLevel);
    this.#gateway = new Gateway({
      trustsConfiguration: true,
      idleTenantMs: null,
      log: this.#log.log,
      onReloadConfig: () => this.reloadConfig(),
    });
  }

  /**
   * Listens; that the database is down is no reason not to. Throws `StartFault`, and `ConfigFault` or
   * `ConfigSyntaxError` for the file.
   */
  static async start(path: string | null, environment: Environment): Promise<RestProgram> {
    const settings = await readConfig(path, environment);
    const program = new RestProgram(path, environment, settings);
    await program.#gateway.setTenant(TENANT, settings.tenant);
    try {
      await program.#listen();
    } catch (error) {
      await program.stop();
      throw error;
    }
    program.#loadUntilReady();
    return program;
  }

  /** The port that requests come to; `null`: a Unix socket. */
  get port(): number | null {
    return portOf(this.#server);
  }

  get adminPort(): number | null {
    return portOf(this.#admin);
  }

  reloadSchema(): void {
    const { notices } = this.#log;
    notices.info('reloading the schema cache');
    this.#gateway.reloadSchema(TENANT).then(
      () => notices.info('schema cache reloaded'),
      () => notices.error('the schema cache could not be reloaded, the one before stays in use'),
    );
  }

  /** A file with mistakes changes nothing. Ports and hosts, log level and the like count from the next start on. */
  reloadConfig(): void {
    const { notices } = this.#log;
    this.#readAgain().then(
      () => notices.info('configuration reloaded'),
      (error: unknown) => {
        const reason = error instanceof Error ? error.message : 'unknown';
        notices.error({ reason }, 'the configuration could not be reloaded, the one before stays in force');
      },
    );
  }

  /** Takes no new connection, and ends those that are left after ten seconds. */
  async stop(): Promise<void> {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    await Promise.all([drain(this.#server), drain(this.#admin)]);
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, DRAIN_MS);
    await Promise.race([this.#gateway.close(), promise]);
    clearTimeout(timer);
    this.#log.notices.info('stopped');
  }

  async #readAgain(): Promise<void> {
    const settings = await readConfig(this.#path, this.#environment);
    await this.#gateway.setTenant(TENANT, settings.tenant);
    this.#settings = settings;
    this.#warn();
  }

  async #listen(): Promise<void> {
    const { server: settings } = this.#settings;
    const { log, notices } = this.#log;
    this.#warn();
    this.#server = createServer(
      { keepAliveTimeout: KEEP_ALIVE_MS },
      requestListener(this.#gateway, ({ url }) => ({ tenantId: TENANT, url: pathAndQuery(url ?? '/') }), {
        onAnswered: (request, response, durationMs) => logRequest(log, request, response, durationMs),
      }),
    );
    if (settings.unixSocket !== null) {
      await listenOnSocket(this.#server, settings.unixSocket, settings.unixSocketMode);
      notices.info({ socket: settings.unixSocket }, 'listening');
    } else {
      const port = await listenOnPort(this.#server, settings.host, settings.port, 'server-port');
      notices.info({ host: settings.host, port }, 'listening');
    }
    if (settings.adminPort === null) return;
    this.#admin = createServer(adminListener(this.#adminView()));
    const port = await listenOnPort(this.#admin, settings.adminHost, settings.adminPort, 'admin-server-port');
    notices.info({ host: settings.adminHost, port }, 'admin server listening');
  }

  #adminView() {
    return {
      isLive: () => this.#server?.listening === true,
      isReady: () => this.#gateway.isReady(TENANT),
      renderMetrics: () => renderMetrics(this.#gateway.metrics(), false),
      findSchemaCache: () => this.#gateway.findSchemaCache(TENANT),
      renderConfig: () => renderMaskedConfig(this.#settings),
    };
  }

  #warn(): void {
    for (const sentence of this.#settings.warnings) this.#log.notices.warn(sentence);
  }

  /** Requests load the cache too; this loads it before the first one comes. */
  #loadUntilReady(): void {
    this.#gateway.isReady(TENANT).then(
      (isReady) => {
        if (isReady || this.#server?.listening !== true) return;
        this.#retry = setTimeout(() => this.#loadUntilReady(), RETRY_MS);
      },
      // The tenant is gone: the program stops.
      () => undefined,
    );
  }
}

async function readConfig(path: string | null, environment: Environment): Promise<Settings> {
  const text = path === null ? '' : await readFile(path, 'utf8').catch(explainUnreadable);
  return readSettings(text, { environment, variables: environment, allowsFiles: true, isLenient: true });
}

function explainUnreadable(error: NodeJS.ErrnoException): never {
  throw new StartFault(`the configuration file cannot be read (${error.code ?? 'unknown reason'})`);
}

/** Proxies may send the absolute form; `OPTIONS *` asks about the server, which is its root. */
function pathAndQuery(url: string): string {
  if (url.startsWith('/')) return url;
  const parsed = URL.parse(url);
  return parsed === null ? '/' : parsed.pathname + parsed.search;
}

async function drain(server: Server | undefined): Promise<void> {
  if (server?.listening !== true) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  // Connections that become idle from now on are not closed by themselves.
  const sweeper = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
  await promise;
  clearTimeout(timer);
  clearInterval(sweeper);
}

function portOf(server: Server | undefined): number | null {
  const address = server?.address() ?? null;
  return address === null || typeof address === 'string' ? null : address.port;
}
