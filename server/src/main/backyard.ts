/** Puts a running Backyard together: from a configuration to a listening port, and back. */
import type { FastifyInstance } from 'fastify';
import { type BackupDirectory, openBackupDirectory } from '../drivers/backup-files/backup-files.ts';
import type { Log } from '../kernel/log.ts';
import { deriveKey, keyRing } from '../kernel/seal.ts';
import { openLiveFeeds } from '../live/live-feeds.ts';
import type { Context } from '../operations/context.ts';
import { CredentialCache } from '../operations/identity/credential-cache.ts';
import { CredentialUsage } from '../operations/identity/credential-usage.ts';
import { ChangeFeed } from '../store/changes.ts';
import type { Store } from '../store/store.ts';
import { buildPublicPort } from '../surfaces/public-port.ts';
import type { Config } from './config.ts';
import { failPointOf } from './fail-point.ts';
import { openIdentityParts } from './identity-parts.ts';
import { readInstanceId, readSecretKeyFile } from './instance-file.ts';
import { listenFault } from './listen-port.ts';
import { openOwnStore } from './own-store.ts';
import { startWorker } from './worker.ts';

/** How long requests and work under way may take once a stop was asked for. */
const DRAIN_MS = 5_000;

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
  const store = await openOwnStore(parts, `backyard ${instanceId}`);
  closers.push(() => store.destroy());
  const files = await openBackupDirectory(config.backups.dir);
  let stopping = false;
  const context = await buildContext(parts, { store, instanceId, files }, closers, () => stopping);

  closers.push(await startWorker({ config, log, adminDsn: parts.adminDsn, context, files }));

  const feeds = openLiveFeeds(context, config.identity.live);
  const app = await buildPublicPort(context, config.identity.web, feeds);
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

/** What operations need, with the feeds behind it running. */
async function buildContext(
  { config, log, databaseUrl, adminDsn }: BackyardParts,
  own: { readonly store: Store; readonly instanceId: string; readonly files: BackupDirectory },
  closers: Closer[],
  isStopping: () => boolean,
): Promise<Context> {
  const { store, instanceId, files } = own;
  const changes = new ChangeFeed(databaseUrl, `backyard changes ${instanceId}`, log);
  await changes.start();
  closers.push(() => changes.stop());
  const usage = new CredentialUsage(store, log);
  usage.start();
  closers.push(() => usage.stop());
  const secretKey = config.secretKey ?? (await readSecretKeyFile(config.dataDir));
  return {
    store,
    changes,
    credentials: new CredentialCache(changes),
    usage,
    ...(await openIdentityParts(config.identity, log, closers)),
    roleLimits: config.rateLimits,
    ring: keyRing(secretKey, config.earlierSecretKeys),
    log,
    instanceId,
    jwtKey: deriveKey(config.jwtSecret ?? secretKey, 'jwt'),
    postgres: { ...config.postgres, ...connectionOf(config, adminDsn) },
    backupFiles: files,
    isStopping,
    failPoint: failPointOf(config.failPoint),
  };
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
