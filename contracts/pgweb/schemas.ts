import { Type } from 'typebox';
import { Nullable, Timestamp, Uuid } from '../scalars.ts';

export const DatabaseConnection = Type.Object({
  host: Type.String(),
  port: Type.Integer(),
  database: Type.String(),
});

export const Database = Type.Object({
  database_id: Uuid,
  owner_user_id: Uuid,
  owner_email: Type.String(),
  pg_database_name: Type.String(),
  status: Type.String({ description: 'pending_creation, active, deleting or soft_deleted' }),
  created_at: Timestamp,
  updated_at: Timestamp,
  deleted_at: Nullable(Timestamp),
  purge_after: Nullable(Timestamp),
  extensions: Type.Array(Type.String()),
  connection: DatabaseConnection,
});

export const Connection = Type.Object({
  host: Type.String(),
  port: Type.Integer(),
  database: Type.String(),
  user: Type.String({ description: 'The role to connect as' }),
  uri: Type.String(),
});

/** Only in the two answers that hand out a password. */
export const ConnectionWithPassword = Type.Object({
  ...Connection.properties,
  password: Type.String(),
});

export const PgUser = Type.Object({
  pg_user_id: Uuid,
  managed_database_id: Uuid,
  pg_username: Type.String(),
  permission_level: Type.Union([Type.Literal('read'), Type.Literal('write')]),
  status: Type.String({ description: 'active or deactivated_db_soft_deleted' }),
  created_at: Timestamp,
  updated_at: Timestamp,
  connection: Connection,
});

export const PgUserWithPassword = Type.Object({
  ...PgUser.properties,
  connection: ConnectionWithPassword,
  password: Type.String({ description: 'Shown once' }),
});

export const DatabaseMessage = Type.Object({ message: Type.String(), database: Database });

export const AuditEntry = Type.Object({
  id: Type.Integer(),
  at: Timestamp,
  actor: Type.String(),
  action: Type.String(),
  target_kind: Type.String(),
  target_id: Nullable(Type.String()),
  target_name: Nullable(Type.String()),
  outcome: Type.String(),
  request_id: Nullable(Type.String()),
});

export const Usage = Type.Object({
  database_id: Uuid,
  size_bytes: Type.Integer(),
  connections: Type.Integer(),
  observed_at: Nullable(Timestamp),
});

export const Me = Type.Object({
  internal_user_id: Uuid,
  oidc_sub: Type.String(),
  email: Type.String(),
  id: Type.Integer(),
  username: Type.String(),
  is_admin: Type.Boolean(),
});

/** Every error of this contract. */
export const ErrorBody = Type.Object({ error: Type.String() });

export const DatabaseParams = Type.Object({ database_id: Uuid });
export const PgUserParams = Type.Object({ database_id: Uuid, pg_user_id: Uuid });

export const CreateDatabaseBody = Type.Object({ name: Type.String({ minLength: 1 }) });
export const CreatePgUserBody = Type.Object({
  username: Type.String({ minLength: 1 }),
  permission_level: Type.Union([Type.Literal('read'), Type.Literal('write')]),
});
export const RegenerateBody = Type.Object({ terminate_sessions: Type.Optional(Type.Boolean()) });
export const PurgeBody = Type.Object({ confirm: Type.String({ minLength: 1 }) });

/** Query strings arrive as text; the surface turns them into numbers. */
export const ListQuery = Type.Object({
  limit: Type.Optional(Type.String({ pattern: '^([1-9][0-9]?|[1-4][0-9]{2}|500)$' })),
  offset: Type.Optional(Type.String({ pattern: '^[0-9]{1,9}$' })),
  scope: Type.Optional(Type.Union([Type.Literal('own'), Type.Literal('all')])),
});
