/** Backups of managed databases: jobs, and what carries them out. */
import type { DatabaseTarget } from './database.ts';

export type BackupType = 'backup' | 'restore';
export type BackupStatus = 'pending' | 'in_progress' | 'completed' | 'failed';

export interface BackupJob {
  readonly id: string;
  readonly databaseId: string;
  readonly type: BackupType;
  readonly status: BackupStatus;
  readonly sizeBytes: number;
  /** For people; `null` unless it failed. */
  readonly errorMessage: string | null;
  readonly createdAt: Date;
  readonly completedAt: Date | null;
}

/** Whether this machine can dump and restore; the reason says what to install or set. */
export type BackupCapability =
  | { readonly available: true }
  | { readonly available: false; readonly reason: string };

export interface DatabaseName {
  readonly databaseId: string;
  readonly databaseName: string;
}

/** Dumps and restores one database of the managed cluster, never as a superuser. */
export interface DatabaseBackup {
  capability(signal: AbortSignal): Promise<BackupCapability>;
  /** Writes a dump in the custom format; the file is complete or absent. */
  dump(target: DatabaseName, file: string, signal: AbortSignal): Promise<{ sizeBytes: number }>;
  /** Prepares a fresh database with the content of a dump; the live one is untouched. */
  prepareRestore(target: DatabaseTarget, file: string, signal: AbortSignal): Promise<string>;
  /** Puts the prepared database in the place of the live one. */
  swap(target: DatabaseTarget, signal: AbortSignal): Promise<void>;
  /** Removes what an interrupted dump or restore left. */
  cleanUp(target: DatabaseName, signal: AbortSignal): Promise<void>;
}
