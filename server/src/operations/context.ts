/** What every operation can reach: our own rows, the hints of other processes, and settings. Nothing outside. */
import type { Log } from '../kernel/log.ts';
import type { KeyRing } from '../kernel/seal.ts';
import type { ChangeFeed } from '../store/changes.ts';
import type { Store } from '../store/store.ts';
import type { BackupFiles } from './backup/files.ts';
import type { CredentialCache } from './identity/credential-cache.ts';
import type { KeyUsage } from './identity/key-usage.ts';

export interface ManagedPostgresSettings {
  /** As people reach the cluster. */
  readonly connectionHost: string;
  readonly connectionPort: number;
  readonly sslMode: string;
  /** 0 = no limit. */
  readonly maxDatabasesPerOwner: number;
  readonly maxUsersPerDatabase: number;
  readonly userConnectionLimit: number;
  readonly databaseConnectionLimit: number;
  readonly statementTimeout: string;
  readonly idleTransactionTimeout: string;
  readonly extensions: readonly string[];
  readonly retentionDays: number;
  /** The largest dump that a restore takes. */
  readonly restoreMaxBytes: number;
}

export interface Context {
  readonly store: Store;
  readonly changes: ChangeFeed;
  readonly credentials: CredentialCache;
  readonly keyUsage: KeyUsage;
  readonly ring: KeyRing;
  readonly log: Log;
  /** The same for every run of this process: what it left waiting is found again. */
  readonly instanceId: string;
  readonly jwtKey: Uint8Array;
  readonly postgres: ManagedPostgresSettings;
  readonly backupFiles: BackupFiles;
  /** True from the first signal to stop. */
  readonly isStopping: () => boolean;
  /** Armed by tests only. */
  readonly failPoint: (point: string) => void;
}
