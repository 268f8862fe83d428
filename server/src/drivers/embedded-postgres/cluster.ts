/**
 * Makes the cluster directory. It appears under its name only when it is complete and on the disk, so a
 * kill at any moment leaves either no cluster or a whole one.
 */
import { chown, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../kernel/fault.ts';
import { runCommand } from '../command/run-command.ts';
import type { PostgresBinaries } from './binaries.ts';
import { syncDir } from './connection-file.ts';
import type { Layout } from './layout.ts';
import type { Log } from './log.ts';
import { asUser, type RunAs } from './run-as.ts';

export const SUPERUSER = 'postgres';
const STAGING_PREFIX = 'postgres.new-';
const INITDB_TIMEOUT_MS = 120_000;

/** Written into postgresql.conf once; from then on they are the operator's, also by ALTER SYSTEM. */
const FIRST_SETTINGS: Readonly<Record<string, string>> = {
  max_connections: '300',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** True when the directory holds a cluster. Fault `config.postgres-cluster` when it holds something else. */
export async function hasCluster({ clusterDir }: Layout): Promise<boolean> {
  const names = await readdir(clusterDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    const why = `cannot be read (${error.code}); start Backyard as the user who owns it`;
    throw new Fault('config.postgres-cluster', `${clusterDir} ${why}.`, { clusterDir });
  });
  if (names === undefined) return false;
  if (names.includes('PG_VERSION')) return true;
  throw new Fault(
    'config.postgres-cluster',
    `${clusterDir} exists but holds no Postgres cluster. Move it away, and Backyard makes a new one.`,
    { clusterDir },
  );
}

/** Creates the cluster by initdb beside its place, then moves it there. */
export async function createCluster(
  layout: Layout,
  binaries: PostgresBinaries,
  runAs: RunAs,
  options: { password: string; sync: boolean; signal?: AbortSignal | undefined },
): Promise<void> {
  // A new name each time: the initdb of a killed Backyard may still be writing to the old one.
  const staging = await mkdtemp(join(layout.dataDir, STAGING_PREFIX));
  try {
    const passwordFile = join(staging, 'password');
    await writeFile(passwordFile, `${options.password}\n`, { mode: 0o600, flag: 'wx' });
    const cluster = join(staging, 'cluster');
    await mkdir(cluster, { mode: 0o700 });
    if (runAs.user !== undefined) {
      for (const path of [staging, passwordFile, cluster]) await chown(path, runAs.user.uid, runAs.user.gid);
    }
    const args = initdbArgs(cluster, passwordFile, options.sync);
    await runCommand({
      ...asUser(runAs, binaries.initdb, args),
      cwd: '/',
      timeoutMs: INITDB_TIMEOUT_MS,
      signal: options.signal,
      redact: [options.password],
    });
    await rename(cluster, layout.clusterDir);
    if (options.sync) await syncDir(layout.dataDir);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** Removes what an interrupted initdb has left. What cannot be removed is logged and in nobody's way. */
export async function deleteLeftovers({ dataDir }: Layout, log: Log): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (!name.startsWith(STAGING_PREFIX)) continue;
    log.warn({ name }, 'Removing the half-made Postgres cluster of an earlier start');
    await rm(join(dataDir, name), { recursive: true, force: true, maxRetries: 5 }).catch((error: unknown) => {
      log.warn({ err: error, name }, 'Could not remove all of it; the next start tries again');
    });
  }
}

/** Fault `config.postgres-version` when the cluster was made by another major version than ours. */
export async function requireSameMajor(layout: Layout, binaryVersion: string): Promise<void> {
  const cluster = (await readFile(join(layout.clusterDir, 'PG_VERSION'), 'utf8')).trim();
  const binary = /(\d+)/.exec(binaryVersion)?.[1];
  if (cluster === binary) return;
  throw new Fault(
    'config.postgres-version',
    `${layout.clusterDir} was made by Postgres ${cluster}, but this Backyard brings Postgres ${binary}. Dump it ` +
      `with the version of Backyard that made it and load the dump into a new one, or start Postgres ${cluster} ` +
      'yourself and set DATABASE_URL to it.',
    { cluster, binary },
  );
}

/** Gives the cluster to the user of Postgres when it came back from a backup as root's. */
export async function fixOwner({ clusterDir }: Layout, { user }: RunAs): Promise<void> {
  if (user === undefined || (await stat(clusterDir)).uid === user.uid) return;
  const args = ['-R', '-h', `${user.uid}:${user.gid}`, clusterDir];
  await runCommand({ file: 'chown', args, timeoutMs: INITDB_TIMEOUT_MS });
}

function initdbArgs(cluster: string, passwordFile: string, sync: boolean): string[] {
  return [
    `--pgdata=${cluster}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // The same order and case rules everywhere, and no locale of the system that an upgrade could change.
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    ...Object.entries(FIRST_SETTINGS).map(([name, value]) => `--set=${name}=${value}`),
    ...(sync ? [] : ['--no-sync']),
  ];
}
