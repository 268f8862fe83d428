import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isProcessAlive } from '../../src/drivers/command/process-identity.ts';
import { startEmbeddedPostgres } from '../../src/drivers/embedded-postgres/embedded-postgres.ts';
import { layoutOf } from '../../src/drivers/embedded-postgres/layout.ts';
import { findPostmaster, stopPostmaster } from '../../src/drivers/embedded-postgres/postmaster.ts';
import { testLog } from './test-log.ts';

export interface PostgresCluster {
  /** Superuser, database `postgres`. */
  readonly dsn: string;
  /** Stops it and removes its files. */
  stop(): Promise<void>;
}

const DIR_PREFIX = 'backyard-test-';

/** Starts a throwaway cluster on any free port, without fsync; takes about two seconds. */
export async function startPostgresCluster(): Promise<PostgresCluster> {
  await removeOrphans();
  const dataDir = await mkdtemp(join(tmpdir(), `${DIR_PREFIX}${process.pid}-`));
  // mkdtemp makes 0700, and the Postgres of root runs as another user.
  await chmod(dataDir, 0o711);
  const postgres = await startEmbeddedPostgres({
    dataDir,
    preferredPort: 0,
    durability: 'none',
    log: testLog,
  });
  return {
    dsn: postgres.dsn,
    stop: async () => {
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A test run that was killed leaves its cluster running; the next one clears it away. */
async function removeOrphans(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(/^backyard-test-(\d+)-/.exec(name)?.[1]);
    if (!(pid > 0) || isProcessAlive(pid)) continue;
    const layout = layoutOf(join(tmpdir(), name));
    const postmaster = await findPostmaster(layout);
    if (postmaster !== undefined) await stopPostmaster(postmaster, layout);
    await rm(layout.dataDir, { recursive: true, force: true });
  }
}
