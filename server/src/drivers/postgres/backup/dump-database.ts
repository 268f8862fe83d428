import { open, rename, rm } from 'node:fs/promises';
import { databaseRoles } from '../../../domain/database.ts';
import { Fault } from '../../../kernel/fault.ts';
import type { ClusterPool } from '../cluster-pool.ts';
import { type ClientPrograms, runClient } from './client-programs.ts';
import { type LoginPlace, withTemporaryLogin } from './temporary-login.ts';

/**
 * Writes a dump of a database in custom format, without owners and privileges. The file is complete or
 * absent. Faults: `backup.dump-failed`, `backup.unavailable`, `backup.program-failed`.
 */
export async function dumpDatabase(
  pool: ClusterPool,
  programs: ClientPrograms,
  place: LoginPlace,
  file: string,
  signal: AbortSignal,
): Promise<{ sizeBytes: number }> {
  const unfinished = `${file}.part`;
  try {
    // Made by us, so that nobody else may read it; pg_dump keeps the mode.
    await (await open(unfinished, 'w', 0o600)).close();
    await runDump(pool, programs, place, unfinished, signal);
    const sizeBytes = await flush(unfinished);
    await rename(unfinished, file);
    return { sizeBytes };
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

async function runDump(
  pool: ClusterPool,
  programs: ClientPrograms,
  place: LoginPlace,
  file: string,
  signal: AbortSignal,
): Promise<void> {
  const { write } = databaseRoles(place.databaseId);
  const args = ['--format=custom', '--no-owner', '--no-privileges', `--role=${write}`, `--file=${file}`];
  const { error } = await withTemporaryLogin(
    pool,
    place,
    (login) =>
      runClient(
        programs,
        {
          program: 'pg_dump',
          args,
          connection: { login, databaseName: place.databaseName },
          paths: [file],
        },
        signal,
      ),
    signal,
  );
  if (error !== null) throw new Fault('backup.dump-failed', `The database could not be dumped: ${error}`);
}

/** To the disk before the name says that it is complete. */
async function flush(file: string): Promise<number> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}
