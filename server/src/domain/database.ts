/** A managed Postgres database: its spec, the status that a look leaves, and the phase people see. */
import { isSettled, type Resource } from './resource.ts';

export interface DatabaseSpec {
  /** CONNECTION LIMIT of the database. */
  readonly connectionLimit: number;
  /** Installed when the cluster offers them; a missing one is no fault. */
  readonly extensions: readonly string[];
  /** RFC 3339; set while soft-deleted. */
  readonly deletedAt: string | null;
  /** RFC 3339; when a soft-deleted database is dropped for good. */
  readonly purgeAfter: string | null;
}

export interface DatabaseStatus {
  /** True when people could connect at the last look. */
  readonly open: boolean;
  /** Extensions really installed, sorted. */
  readonly extensions: readonly string[];
  readonly sizeBytes: number;
  readonly connections: number;
  /** RFC 3339. */
  readonly observedAt: string;
}

export type Database = Resource<DatabaseSpec, DatabaseStatus>;

export type DatabasePhase = 'pending_creation' | 'active' | 'deleting' | 'soft_deleted';

/**
 * The phase of the pgweb contract, section 2. A database on its way back from soft deletion is
 * `pending_creation`: it exists, but nobody can use it yet.
 */
export function databasePhase(database: Database): DatabasePhase {
  if (database.desired === 'active') return database.status?.open ? 'active' : 'pending_creation';
  return database.desired === 'suspended' && isSettled(database) ? 'soft_deleted' : 'deleting';
}

const SPARE_PREFIX = 'by_spare_';

/** The name of a database that was made in advance; nobody can ask for it. */
export function spareName(databaseId: string): string {
  return `${SPARE_PREFIX}${databaseId.replaceAll('-', '').slice(0, 12)}`;
}

/** True for names that only databases of ours have: spares, and what a restore makes and replaces. */
export function isOurOwnName(name: string): boolean {
  return /^by_(spare|restore|replaced)_/.test(name);
}

/** The three group roles of a database, pgweb contract 4.1; `<id>` is the UUID as 32 hex digits. */
export function databaseRoles(databaseId: string): { owner: string; read: string; write: string } {
  const hex = databaseId.replaceAll('-', '');
  return { owner: `by_${hex}_owner`, read: `by_${hex}_read`, write: `by_${hex}_write` };
}

/** What the database driver is told. */
export interface DatabaseTarget {
  readonly id: string;
  readonly name: string;
  readonly desired: Database['desired'];
  /** False until a look once found it complete: removal then touches only what carries its computed names. */
  readonly everSettled: boolean;
  readonly connectionLimit: number;
  readonly extensions: readonly string[];
  /** Login roles that belong to the database, as last seen. */
  readonly logins: readonly { readonly role: string; readonly level: 'read' | 'write' }[];
}
