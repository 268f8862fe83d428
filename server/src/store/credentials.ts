/** Users with the keys or sessions that they showed, many in one query. */
import { sql } from 'kysely';
import type { Scope } from '../domain/scope.ts';
import type { Session } from './store.ts';
import type { StoredUser } from './users.ts';

/** Which credential speaks for which user; neither key nor session: an authenticating proxy does. */
export interface CredentialReference {
  readonly userId: number;
  readonly keyId: number | null;
  readonly sessionId: string | null;
}

export interface StoredCredential {
  readonly user: StoredUser;
  /** The row of the key or session exists; `true` for a proxy's word. */
  readonly isKnown: boolean;
  readonly revokedAt: Date | null;
  readonly expiresAt: Date | null;
  /** `null`: nothing is limited. */
  readonly scopes: Scope[] | null;
}

type Row = StoredUser & {
  readonly place: number;
  readonly is_known: boolean;
  readonly credential_revoked_at: Date | null;
  readonly credential_expires_at: Date | null;
  readonly scopes: Scope[] | null;
};

/** One entry for each reference, in their order, whatever state user, key and session are in; none without user. */
export async function listCredentials(
  db: Session,
  references: readonly CredentialReference[],
): Promise<(StoredCredential | undefined)[]> {
  const { rows } = await sql<Row>`
    select users.*, asked.place, api_keys.scopes,
      (asked.key_id is null or api_keys.id is not null)
        and (asked.session_id is null or sessions.id is not null) as is_known,
      coalesce(api_keys.revoked_at, sessions.revoked_at) as credential_revoked_at,
      coalesce(api_keys.expires_at, sessions.expires_at) as credential_expires_at
    from unnest(
      ${references.map(({ userId }) => userId)}::int[],
      ${references.map(({ keyId }) => keyId)}::int[],
      ${references.map(({ sessionId }) => sessionId)}::uuid[]
    ) with ordinality as asked (user_id, key_id, session_id, place)
    join users on users.id = asked.user_id
    left join api_keys on api_keys.id = asked.key_id and api_keys.user_id = users.id
    left join sessions on sessions.id = asked.session_id and sessions.user_id = users.id`.execute(db);
  const found = new Map(rows.map((row) => [row.place, storedCredential(row)]));
  return references.map((_, index) => found.get(index + 1));
}

function storedCredential({
  place: _,
  is_known,
  credential_revoked_at,
  credential_expires_at,
  scopes,
  ...user
}: Row): StoredCredential {
  return {
    user,
    isKnown: is_known,
    revokedAt: credential_revoked_at,
    expiresAt: credential_expires_at,
    scopes,
  };
}
