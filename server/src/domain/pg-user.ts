/** A login of one managed database, with permission to read, or to read and write. */
import type { DatabasePhase } from './database.ts';
import type { Desired, Resource } from './resource.ts';

export type PermissionLevel = 'read' | 'write';

export interface PgUserSpec {
  readonly permissionLevel: PermissionLevel;
  readonly connectionLimit: number;
  /** Postgres interval text, for example `120s`. */
  readonly statementTimeout: string;
  /** Postgres interval text, for example `10min`. */
  readonly idleTransactionTimeout: string;
  /** Counts passwords, so that a rotation is a change of the spec. */
  readonly passwordVersion: number;
  /** RFC 3339; sessions that began earlier are ended. */
  readonly sessionsEndedBefore: string | null;
}

export interface PgUserStatus {
  /** The role of the cluster that carries this user; differs from the name when that was taken. */
  readonly login: string;
}

export type PgUser = Resource<PgUserSpec, PgUserStatus>;

export type PgUserPhase = 'active' | 'deactivated_db_soft_deleted';

/** The phase of the pgweb contract, section 2: a user is as usable as its database. */
export function pgUserPhase(database: DatabasePhase): PgUserPhase {
  return database === 'deleting' || database === 'soft_deleted' ? 'deactivated_db_soft_deleted' : 'active';
}

/** What the driver for users is told. */
export interface PgUserTarget {
  readonly id: string;
  readonly username: string;
  readonly desired: Desired;
  readonly everSettled: boolean;
  readonly databaseId: string;
  readonly databaseName: string;
  readonly permissionLevel: PermissionLevel;
  /** The role's name as last observed: a role that vanished comes back under the name that people use. */
  readonly login: string | null;
  /** SCRAM-SHA-256 verifier; the password itself is known to nobody but the user. */
  readonly verifier: string;
  readonly connectionLimit: number;
  readonly statementTimeout: string;
  readonly idleTransactionTimeout: string;
  /** RFC 3339; sessions of the login that began earlier must not live. */
  readonly sessionsEndedBefore: string | null;
}
