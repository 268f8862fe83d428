/** What every operation can reach: our own rows, the hints of other processes, and settings. Nothing outside. */
import type { SignInProvider } from '../domain/sign-in-provider.ts';
import type { RoleLimits } from '../domain/user.ts';
import type { Log } from '../kernel/log.ts';
import type { KeyRing } from '../kernel/seal.ts';
import type { ChangeFeed } from '../store/changes.ts';
import type { Store } from '../store/store.ts';
import type { BackupFiles } from './backup/files.ts';
import type { CredentialCache } from './identity/credential-cache.ts';
import type { CredentialUsage } from './identity/credential-usage.ts';
import type { RateLimiter } from './rate-limiter.ts';

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

/** For the sessions of browsers. */
export interface SessionSettings {
  /** A session that was not used for so long has ended. */
  readonly idleMs: number;
  /** However much it is used. */
  readonly lifetimeMs: number;
}

export interface Context {
  readonly store: Store;
  readonly changes: ChangeFeed;
  readonly credentials: CredentialCache;
  readonly usage: CredentialUsage;
  readonly limiter: RateLimiter;
  readonly ring: KeyRing;
  readonly log: Log;
  /** The same for every run of this process: what it left waiting is found again. */
  readonly instanceId: string;
  readonly jwtKey: Uint8Array;
  readonly sessions: SessionSettings;
  readonly roleLimits: RoleLimits;
  /** The first one is the default. */
  readonly providers: readonly SignInProvider[];
  /** Where people go who signed out. */
  readonly postLogoutUrl: string | null;
  readonly postgres: ManagedPostgresSettings;
  readonly backupFiles: BackupFiles;
  /** True from the first signal to stop. */
  readonly isStopping: () => boolean;
  /** Armed by tests only. */
  readonly failPoint: (point: string) => void;
}
