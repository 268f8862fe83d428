/** What the answers look like, written down from the published contracts. */

export interface Database {
  readonly database_id: string;
  readonly owner_user_id: string;
  readonly owner_email: string;
  readonly pg_database_name: string;
  readonly status: 'pending_creation' | 'active' | 'deleting' | 'soft_deleted';
  readonly created_at: string;
  readonly updated_at: string;
  readonly deleted_at: string | null;
  readonly purge_after: string | null;
  readonly extensions: readonly string[];
  readonly connection: { readonly host: string; readonly port: number; readonly database: string };
}

export interface Connection {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly uri: string;
}

export interface Login extends Connection {
  readonly password: string;
}

export interface PgUser {
  readonly pg_user_id: string;
  readonly managed_database_id: string;
  readonly pg_username: string;
  readonly permission_level: 'read' | 'write';
  readonly status: 'active' | 'deactivated_db_soft_deleted';
  readonly created_at: string;
  readonly updated_at: string;
  readonly connection: Connection;
}

export interface CreatedPgUser extends PgUser {
  readonly password: string;
  readonly connection: Login;
}

export interface DatabaseMessage {
  readonly message: string;
  readonly database: Database;
}

export interface Rotated {
  readonly new_password: string;
  readonly connection: Login;
}

export interface AuditEntry {
  readonly id: number;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly target_kind: string;
  readonly target_id: string | null;
  readonly target_name: string | null;
  readonly outcome: string;
  readonly request_id: string | null;
}

export interface ErrorBody {
  readonly error: string;
}

/** Under `/api/v1`, where two contracts share one prefix. */
export interface SharedError {
  readonly message: string;
  readonly detail: string;
}

export interface SignedIn {
  readonly token: string;
  readonly access_token: string;
  readonly token_type: 'bearer';
  readonly expires_in: number;
}

export interface Me {
  readonly internal_user_id: string;
  readonly oidc_sub: string;
  readonly email: string;
  readonly id: number;
  readonly username: string;
  readonly is_admin: boolean;
}

/** What a key can be limited to. */
export const knownScopes: readonly string[] = ['', 'database:', 'account:', 'user:'].flatMap((kind) =>
  ['read', 'write', 'admin'].map((level) => `${kind}${level}`),
);

export interface CreatedKey {
  readonly id: number;
  readonly name: string;
  readonly key: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly scopes: readonly string[] | null;
}

export interface Key {
  readonly id: number;
  readonly name: string;
  readonly created_at: string;
  readonly revoked_at: string | null;
  readonly prefix: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly scopes: readonly string[] | null;
}

export interface CreatedToken {
  readonly id: number;
  readonly name: string;
  readonly token: string;
  readonly expires_at: string | null;
  readonly created_at: string;
  readonly scopes: readonly string[] | null;
}

export interface Token {
  readonly id: number;
  readonly name: string;
  readonly expires_at: string | null;
  readonly is_revoked: boolean;
  readonly last_used_at: string | null;
  readonly created_at: string;
  readonly prefix: string;
  readonly scopes: readonly string[] | null;
}

export interface TokenList {
  readonly tokens: readonly Token[];
  readonly total: number;
}

export interface User {
  readonly id: number;
  readonly username: string;
  readonly email: string;
  readonly is_active: boolean;
  readonly is_admin: boolean;
  readonly rate_limit_per_second: number;
  readonly rate_limit_burst: number;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface UserList {
  readonly users: readonly User[];
  readonly total: number;
}

/** One entry of a 422 list. */
export interface FieldError {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
  readonly ctx?: Readonly<Record<string, unknown>>;
}
