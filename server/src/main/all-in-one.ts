/**
 * `npm start`: everything in one process, on an embedded Postgres unless `DATABASE_URL` names another. With
 * `-- --with-dev-oidc` a sign-in provider to try things with, on this machine only.
 */
import { parseArgs } from 'node:util';
import { startEmbeddedPostgres } from '../drivers/embedded-postgres/embedded-postgres.ts';
import { Fault } from '../kernel/fault.ts';
import { createLog, type Log } from '../kernel/log.ts';
import { type Backyard, startBackyard } from './backyard.ts';
import { renderBanner } from './banner.ts';
import { type Config, loadConfig } from './config.ts';
import { type DataDirLock, lockDataDir } from './data-dir-lock.ts';
import { withDevOidc } from './dev-oidc/with-dev-oidc.ts';
import { requireFreeListenPort } from './listen-port.ts';
import { ensureOwnDatabase } from './own-database.ts';

/** A stop that takes longer has failed; what it left is recovered by the next start. */
const STOP_MS = 9_500;
/** Easy to remember, and not the one of a Postgres that is there already. */
const PREFERRED_POSTGRES_PORT = 54_329;

interface Running {
  readonly backyard: Backyard;
  readonly stop: () => Promise<void>;
}

interface Flags {
  readonly withDevOidc: boolean;
}

function parseFlags(argv: readonly string[]): Flags {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { 'with-dev-oidc': { type: 'boolean', default: false } },
    });
    return { withDevOidc: values['with-dev-oidc'] };
  } catch (error) {
    throw new Fault('usage', `${(error as Error).message}\nUsage: npm start [-- --with-dev-oidc]`, {}, error);
  }
}

async function start(given: Config, flags: Flags, log: Log): Promise<Running> {
  const { config, stop: stopDevOidc } = flags.withDevOidc
    ? await withDevOidc(given, log)
    : { config: given, stop: async () => undefined };
  try {
    const { backyard, stop } = await startOn(config, log);
    return { backyard, stop: () => stop().finally(stopDevOidc) };
  } catch (error) {
    await stopDevOidc();
    throw error;
  }
}

async function startOn(config: Config, log: Log): Promise<Running> {
  await requireFreeListenPort(config.host, config.port);
  const lock = await lockDataDir(config.dataDir, { url: `http://${config.host}:${config.port}` });
  let stopPostgres: (() => Promise<void>) | undefined;
  try {
    let databaseUrl = config.databaseUrl;
    let adminDsn = config.adminDsn;
    if (databaseUrl === null) {
      const embedded = await startEmbeddedPostgres({
        dataDir: config.dataDir,
        preferredPort: PREFERRED_POSTGRES_PORT,
        log,
      });
      stopPostgres = () => embedded.stop();
      databaseUrl = await ensureOwnDatabase(embedded.dsn);
      adminDsn ??= embedded.dsn;
    }
    const credentials: [string, string][] = [];
    const backyard = await startBackyard({
      config,
      log,
      databaseUrl,
      adminDsn: adminDsn ?? databaseUrl,
      announce: (username, password) => {
        process.stdout.write(`\nFirst administrator: ${username}\nPassword, shown this once: ${password}\n`);
        credentials.push([username, password]);
      },
    });
    process.stdout.write(renderBanner(backyard.url, config, credentials.length > 0));
    return { backyard, stop: () => stopAll(backyard, stopPostgres, lock) };
  } catch (error) {
    await stopPostgres?.();
    await lock.release();
    throw error;
  }
}

async function stopAll(
  backyard: Backyard,
  stopPostgres: (() => Promise<void>) | undefined,
  lock: DataDirLock,
): Promise<void> {
  await backyard.stop();
  await stopPostgres?.();
  await lock.release();
}

function onSignals(running: Running, log: Log): void {
  let asked = false;
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (asked) return;
      asked = true;
      log.info({ signal }, 'stopping');
      const timeout = setTimeout(() => {
        log.error('the stop took too long; the next start recovers what is left');
        process.exit(1);
      }, STOP_MS);
      running.stop().then(
        () => {
          clearTimeout(timeout);
          process.exit(0);
        },
        (error) => {
          log.error({ err: error }, 'the stop failed; the next start recovers what is left');
          process.exit(1);
        },
      );
    });
  }
}

/** What nobody caught leaves us in no known state; the next start recovers from the rows. */
function dieLoudly(log: Log): void {
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'an error that nobody caught');
    process.exit(1);
  });
}

async function main(): Promise<void> {
  let log: Log | undefined;
  try {
    const flags = parseFlags(process.argv.slice(2));
    const config = loadConfig();
    log = createLog(config.log);
    dieLoudly(log);
    onSignals(await start(config, flags, log), log);
  } catch (error) {
    // What we understand is told in a sentence; the rest needs its stack.
    if (error instanceof Fault) process.stderr.write(`\n${error.message}\n\n`);
    else if (log) log.fatal({ err: error }, 'Backyard could not start');
    else process.stderr.write(`${String(error)}\n`);
    process.exit(1);
  }
}

await main();
