/** Puts a running Backyard together: from a configuration to a listening port, and back. */
import type { FastifyInstance } from 'fastify';
import { ClusterPool } from '../drivers/postgres/cluster-pool.ts';
import { endEarlierSessions } from '../drivers/postgres/earlier-sessions.ts';
import type { Log } from '../kernel/log.ts';
import { deriveKey, keyRing } from '../kernel/seal.ts';
import type { Context } from '../operations/context.ts';
import { databaseSpec } from '../operations/database/spec.ts';
import { CredentialCache } from '../operations/identity/credential-cache.ts';
import { KeyUsage } from '../operations/identity/key-usage.ts';
import { startClock } from '../reconcile/clock.ts';
import { Reconciler } from '../reconcile/reconciler.ts';
import { ensureCluster, recoverEarlierRun } from '../reconcile/recover.ts';
import { startSpares } from '../reconcile/spares.ts';
import { ChangeFeed } from '../store/changes.ts';
import { migrate } from '../store/migrate.ts';
import { purgeExpiredDatabases } from '../store/retention.ts';
import { openStore, type Store } from '../store/store.ts';
import { bringLooksForward } from '../store/work.ts';
import { buildPublicPort } from '../surfaces/public-port.ts';
import type { Config } from './config.ts';
import { failPointOf } from './fail-point.ts';
import { ensureFirstAdmin } from './first-admin.ts';
import { readInstanceId, readSecretKeyFile } from './instance-file.ts';
import { listenFault } from './listen-port.ts';
import { ensureSchema } from './own-database.ts';
import { reconciledKinds } from './reconciled-kinds.ts';

/** How long requests and work under way may take once a stop was asked for. */
const DRAIN_MS = 5_000;
const EARLIER_SESSIONS_MS = 10_000;
const MIGRATION_MS = 600_000;
/** An hour is the most that the contract allows. */
const PURGE_EVERY_MS = 2_000;

export interface BackyardParts {
  readonly config: Config;
  readonly log: Log;
  /** Our own database. */
  readonly databaseUrl: string;
  /** A superuser of the managed cluster. */
  readonly adminDsn: string;
  /** Shows the generated password of the first administrator. */
  readonly announce: (username: string, password: string) => void;
}

export interface Backyard {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts everything and answers when the port listens. Whatever fails, what was opened is closed again. */
export async function startBackyard(parts: BackyardParts): Promise<Backyard> {
  const closers: Closer[] = [];
  const stop = async () => {
    for (const close of closers.reverse()) {
      await close().catch((error) => parts.log.warn({ err: error }, 'a part did not stop cleanly'));
    }
  };
  try {
    return await assemble(parts, closers, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

type Closer = () => Promise<unknown>;

async function assemble(
  parts: BackyardParts,
  closers: Closer[],
  stop: () => Promise<void>,
): Promise<Backyard> {
  const { config, log } = parts;
  const instanceId = await readInstanceId(config.dataDir);
  const store = await openOwnStore(parts, `backyard ${instanceId}`, closers);
  let stopping = false;
  const context = await buildContext(parts, store, instanceId, closers, () => stopping);

  const pool = await openClusterPool(parts.adminDsn, `backyard driver ${instanceId}`, log);
  closers.push(() => pool.end());
  await recoverEarlierRun(store, instanceId, log);
  await ensureCluster(store);
  await bringLooksForward(store, config.lookIntervalMs);
  const reconciler = new Reconciler(
    {
      store,
      changes: context.changes,
      kinds: reconciledKinds(pool, context.ring),
      failPoint: context.failPoint,
      log,
    },
    { holder: instanceId, concurrency: config.concurrency, lookIntervalMs: config.lookIntervalMs },
  );
  reconciler.start();
  closers.push(() => reconciler.stop(DRAIN_MS));

  const purging = startClock(() => purgeExpiredDatabases(store), PURGE_EVERY_MS, log);
  closers.push(() => purging.stop());
  if (config.spareDatabases > 0) {
    closers.push(startSpares(context, config.spareDatabases, databaseSpec(context.postgres)));
  }

  const app = await buildPublicPort(context);
  const url = await listen(app, config);
  closers.push(() => drain(app, log));
  return {
    url,
    stop: () => {
      stopping = true;
      return stop();
    },
  };
}

/** With connections of its own: a migration, or the wait for another replica's, outlasts any request. */
async function migrateOwnDatabase(url: string, log: Log): Promise<void> {
  await ensureSchema(url);
  const settings = { url, applicationName: 'backyard migration', maxConnections: 2 };
  const store = openStore({ ...settings, statementTimeoutMs: MIGRATION_MS }, (error) =>
    log.warn({ err: error }, 'an idle connection to our own database ended'),
  );
  try {
    const applied = await migrate(store);
    if (applied.length > 0) log.info({ applied }, 'the database schema is up to date');
  } finally {
    await store.destroy();
  }
}

/** Our own database, with the newest schema and at least one administrator. */
async function openOwnStore(
  parts: BackyardParts,
  applicationName: string,
  closers: Closer[],
): Promise<Store> {
  const { config, log, databaseUrl, announce } = parts;
  await migrateOwnDatabase(databaseUrl, log);
  const store = openStore({ url: databaseUrl, applicationName, maxConnections: 10 }, (error) =>
    log.warn({ err: error }, 'an idle connection to our own database ended'),
  );
  closers.push(() => store.destroy());
  await ensureFirstAdmin(store, config, announce);
  return store;
}

/** What operations need, with the feeds behind it running. */
async function buildContext(
  { config, log, databaseUrl, adminDsn }: BackyardParts,
  store: Store,
  instanceId: string,
  closers: Closer[],
  isStopping: () => boolean,
): Promise<Context> {
  const changes = new ChangeFeed(databaseUrl, `backyard changes ${instanceId}`, log);
  await changes.start();
  closers.push(() => changes.stop());
  const keyUsage = new KeyUsage(store, log);
  keyUsage.start();
  closers.push(() => keyUsage.stop());
  const secretKey = config.secretKey ?? (await readSecretKeyFile(config.dataDir));
  return {
    store,
    changes,
    credentials: new CredentialCache(changes),
    keyUsage,
    ring: keyRing(secretKey, config.earlierSecretKeys),
    log,
    instanceId,
    jwtKey: deriveKey(config.jwtSecret ?? secretKey, 'jwt'),
    postgres: { ...config.postgres, ...connectionOf(config, adminDsn) },
    isStopping,
    failPoint: failPointOf(config.failPoint),
  };
}

/** A cluster that is down delays nothing: its resource says so, and the reconciler waits for it. */
async function openClusterPool(dsn: string, applicationName: string, log: Log): Promise<ClusterPool> {
  const pool = new ClusterPool({ dsn, applicationName });
  await endEarlierSessions(pool, applicationName, AbortSignal.timeout(EARLIER_SESSIONS_MS)).catch((error) =>
    log.warn({ err: error }, 'the managed Postgres could not be asked about an earlier run'),
  );
  return pool;
}

/** Where people reach the managed cluster, unless told otherwise: where we reach it. */
function connectionOf(config: Config, adminDsn: string) {
  const { hostname, port } = new URL(adminDsn);
  return {
    connectionHost: config.postgres.connectionHost ?? (hostname || 'localhost'),
    connectionPort: config.postgres.connectionPort ?? (Number(port) || 5432),
  };
}

/** Requests under way get their time; one that hangs must not keep the rest from stopping in order. */
async function drain(app: FastifyInstance, log: Log): Promise<void> {
  const abandoned = AbortSignal.timeout(DRAIN_MS);
  const late = new Promise<void>((resolve) => {
    abandoned.addEventListener('abort', () => {
      log.warn('requests under way were abandoned');
      resolve();
    });
  });
  await Promise.race([app.close(), late]);
}

async function listen(app: FastifyInstance, config: Config): Promise<string> {
  try {
    const address = await app.listen({ host: config.host, port: config.port });
    return address;
  } catch (error) {
    await app.close();
    throw await listenFault(error, config.host, config.port);
  }
}
