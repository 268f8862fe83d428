/** The tables of our own database as Kysely sees them; `server/migrations` is the truth. */
import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { Condition, Desired, ResourceKind } from '../domain/resource.ts';
import type { Scope } from '../domain/scope.ts';

type Written<T> = ColumnType<T, T | undefined, T>;

export interface UserRow {
  id: Generated<number>;
  uuid: Generated<string>;
  username: string;
  email: string | null;
  password_hash: string | null;
  is_admin: Written<boolean>;
  is_active: Written<boolean>;
  rate_limit_per_second: number;
  rate_limit_burst: number;
  created_at: Generated<Date>;
  updated_at: Written<Date>;
}

export interface ApiKeyRow {
  id: Generated<number>;
  user_id: number;
  door: 'key' | 'token';
  name: string;
  prefix: string;
  digest: Buffer;
  scopes: Scope[] | null;
  expires_at: Date | null;
  revoked_at: Written<Date | null>;
  last_used_at: Written<Date | null>;
  created_at: Generated<Date>;
}

export interface SessionRow {
  id: string;
  user_id: number;
  carrier: 'cookie' | 'bearer';
  digest: Buffer | null;
  method: string;
  address: string | null;
  user_agent: string | null;
  id_token: Buffer | null;
  created_at: Generated<Date>;
  last_seen_at: Written<Date>;
  expires_at: Date;
  revoked_at: Written<Date | null>;
}

export interface IdentityRow {
  issuer: string;
  subject: string;
  user_id: number;
  created_at: Generated<Date>;
  last_seen_at: Written<Date>;
}

export interface SignInRow {
  state_digest: Buffer;
  browser_digest: Buffer;
  provider: string;
  checks: Buffer;
  return_to: string | null;
  expires_at: Date;
}

export interface DeviceRequestRow {
  device_digest: Buffer;
  user_code: string;
  client: string;
  address: string | null;
  decision: Written<'pending' | 'approved' | 'denied'>;
  user_id: Written<number | null>;
  polled_at: Written<Date | null>;
  expires_at: Date;
}

export interface TicketRow {
  digest: Buffer;
  user_id: number;
  key_id: number | null;
  session_id: string | null;
  expires_at: Date;
}

export interface Fallback {
  readonly desired: Desired;
  readonly spec: unknown;
}

export interface ResourceRow {
  id: string;
  kind: ResourceKind;
  root_id: string;
  owner_id: number | null;
  name: string;
  desired: Desired;
  spec: ColumnType<unknown, string, string>;
  status: ColumnType<unknown, string | null | undefined, string | null>;
  generation: Written<number>;
  observed_generation: Written<number>;
  failed_generation: Written<number>;
  conditions: ColumnType<Condition[], string | undefined, string>;
  fallback: ColumnType<Fallback | null, string | null | undefined, string | null>;
  awaited_by: Written<string | null>;
  due_at: Written<Date>;
  attempts: Written<number>;
  created_at: Generated<Date>;
  updated_at: Written<Date>;
}

export interface LeaseRow {
  root_id: string;
  token: Written<string | null>;
  holder: Written<string | null>;
  until: Written<Date>;
}

export interface SecretRow {
  resource_id: string;
  field: string;
  version: number;
  sealed: Buffer;
}

export interface AuditRow {
  id: Generated<number>;
  at: Generated<Date>;
  actor_id: number | null;
  actor: string;
  credential: string;
  action: string;
  target_kind: string;
  target_id: string | null;
  target_name: string | null;
  root_id: string | null;
  outcome: string;
  request_id: string | null;
  address: string | null;
  details: JSONColumnType<Record<string, unknown>>;
}

export interface EventRow {
  id: Generated<number>;
  at: Generated<Date>;
  name: string;
  resource_id: string;
  root_id: string;
  owner_id: number | null;
  payload: JSONColumnType<Record<string, unknown>>;
}

export interface BackupJobRow {
  id: string;
  database_id: string;
  type: 'backup' | 'restore';
  status: Written<'pending' | 'in_progress' | 'completed' | 'failed'>;
  file_size: Written<number>;
  error_message: Written<string | null>;
  holder: Written<string | null>;
  lease_until: Written<Date | null>;
  created_at: Generated<Date>;
  completed_at: Written<Date | null>;
}

export interface Schema {
  users: UserRow;
  api_keys: ApiKeyRow;
  sessions: SessionRow;
  identities: IdentityRow;
  sign_ins: SignInRow;
  device_requests: DeviceRequestRow;
  tickets: TicketRow;
  resources: ResourceRow;
  leases: LeaseRow;
  secrets: SecretRow;
  audit: AuditRow;
  events: EventRow;
  backup_jobs: BackupJobRow;
}
