/** Dump and restore of managed databases: pgweb contract, section 6. */
import type { DatabaseTarget } from '../../../domain/database.ts';
import type { ClusterPool } from '../cluster-pool.ts';
import { cleanUpRestore } from './clean-up.ts';
import { type BackupCapability, programCapability } from './client-programs.ts';
import { dumpDatabase } from './dump-database.ts';
import { prepareRestore } from './prepare-restore.ts';
import type { RestoreSubject } from './restore-databases.ts';
import { swapDatabases } from './swap-databases.ts';

export type { BackupCapability } from './client-programs.ts';
export type { RestoreSubject } from './restore-databases.ts';

export interface PostgresBackup {
  /** Whether pg_dump and pg_restore are there and fit the server; else a sentence that says what to do. */
  capability(signal: AbortSignal): Promise<BackupCapability>;

  /**
   * Writes a dump in custom format; the file is complete or absent.
   * Faults: `backup.dump-failed`, `backup.unavailable`, `backup.program-failed`.
   */
  dump(target: RestoreSubject, file: string, signal: AbortSignal): Promise<{ sizeBytes: number }>;

  /**
   * Prepares a database with the dump's content beside the live one and gives its name. Repeatable.
   * Faults: `backup.not-a-dump`, `backup.extension-not-allowed`, `backup.restore-failed`,
   * `backup.unavailable`, `backup.program-failed`, `database.name-taken`; after each nothing is left.
   */
  prepareRestore(target: DatabaseTarget, file: string, signal: AbortSignal): Promise<string>;

  /**
   * Puts the prepared database in the place of the live one, whose sessions end, and drops the former one.
   * Repeatable. Faults: `backup.not-prepared`, `database.name-taken`, `database.sessions-remain`.
   */
  swap(target: DatabaseTarget, signal: AbortSignal): Promise<void>;

  /**
   * Removes what a crash left for this database, and ends what still runs for it. Quiet when there is
   * nothing. Fault: `database.name-taken`.
   */
  cleanUp(target: RestoreSubject, signal: AbortSignal): Promise<void>;
}

export interface PostgresBackupOptions {
  /** The superuser's connection string: only its address is used. */
  readonly dsn: string;
  /** Where pg_dump and pg_restore are; null: on the PATH. */
  readonly binDir: string | null;
  /** Extensions that a dump may need although they are not trusted. */
  readonly allowedExtensions: readonly string[];
}

export function postgresBackup(pool: ClusterPool, options: PostgresBackupOptions): PostgresBackup {
  const { allowedExtensions, ...programs } = options;
  return {
    capability: (signal) => programCapability(programs, pool, signal),
    dump: (target, file, signal) => dumpDatabase(pool, programs, target, file, signal),
    prepareRestore: (target, file, signal) =>
      prepareRestore({ pool, programs, allowedExtensions }, target, file, signal),
    swap: (target, signal) => swapDatabases(pool, target, signal),
    cleanUp: (target, signal) => cleanUpRestore(pool, target, signal),
  };
}
