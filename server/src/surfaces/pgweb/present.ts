/** Databases and their users in the shapes of the pgweb contract, section 2. */
import type * as wire from '@backyard/contracts/pgweb';
import type { Static } from 'typebox';
import { type Database, databasePhase } from '../../domain/database.ts';
import { type PgUser, pgUserPhase } from '../../domain/pg-user.ts';
import type { ManagedPostgresSettings } from '../../operations/context.ts';
import type { AuditEntry } from '../../operations/database/audit.ts';
import type { Owner } from '../../operations/database/owner.ts';

export function presentDatabase(
  database: Database,
  owner: Owner,
  postgres: ManagedPostgresSettings,
): Static<typeof wire.Database> {
  return {
    database_id: database.id,
    owner_user_id: owner.uuid,
    owner_email: owner.email ?? '',
    pg_database_name: database.name,
    status: databasePhase(database),
    created_at: database.createdAt.toISOString(),
    updated_at: database.updatedAt.toISOString(),
    deleted_at: database.spec.deletedAt,
    purge_after: database.spec.purgeAfter,
    extensions: [...(database.status?.extensions ?? [])],
    connection: {
      host: postgres.connectionHost,
      port: postgres.connectionPort,
      database: database.name,
    },
  };
}

export function presentConnection(
  database: Database,
  user: PgUser,
  postgres: ManagedPostgresSettings,
): Static<typeof wire.Connection> {
  const login = user.status?.login ?? user.name;
  return {
    host: postgres.connectionHost,
    port: postgres.connectionPort,
    database: database.name,
    user: login,
    uri: uri(postgres, database.name, login),
  };
}

/** With the password: only in the two answers that hand one out. */
export function presentConnectionWithPassword(
  database: Database,
  user: PgUser,
  postgres: ManagedPostgresSettings,
  password: string,
): Static<typeof wire.ConnectionWithPassword> {
  const connection = presentConnection(database, user, postgres);
  const login = `${encodeURIComponent(connection.user)}:${encodeURIComponent(password)}`;
  return { ...connection, uri: uri(postgres, database.name, login), password };
}

function uri(postgres: ManagedPostgresSettings, database: string, login: string): string {
  const host = postgres.connectionHost.includes(':')
    ? `[${postgres.connectionHost}]`
    : postgres.connectionHost;
  return `postgresql://${login}@${host}:${postgres.connectionPort}/${database}?sslmode=${postgres.sslMode}`;
}

export function presentPgUser(
  database: Database,
  user: PgUser,
  postgres: ManagedPostgresSettings,
): Static<typeof wire.PgUser> {
  return {
    pg_user_id: user.id,
    managed_database_id: database.id,
    pg_username: user.name,
    permission_level: user.spec.permissionLevel,
    status: pgUserPhase(databasePhase(database)),
    created_at: user.createdAt.toISOString(),
    updated_at: user.updatedAt.toISOString(),
    connection: presentConnection(database, user, postgres),
  };
}

export function presentAuditEntry(entry: AuditEntry): Static<typeof wire.AuditEntry> {
  return {
    id: entry.id,
    at: entry.at.toISOString(),
    actor: entry.actor,
    action: entry.action,
    target_kind: entry.target_kind,
    target_id: entry.target_id,
    target_name: entry.target_name,
    outcome: entry.outcome,
    request_id: entry.request_id,
  };
}
