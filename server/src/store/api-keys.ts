import { type Selectable, sql } from 'kysely';
import type { Scope } from '../domain/scope.ts';
import type { ApiKeyRow } from './schema.ts';
import type { Session } from './store.ts';
import type { StoredUser } from './users.ts';

export type StoredApiKey = Selectable<ApiKeyRow>;

export interface NewApiKey {
  readonly userId: number;
  readonly door: 'key' | 'token';
  readonly name: string;
  readonly prefix: string;
  readonly digest: Buffer;
  /** `null`: whatever the user may. */
  readonly scopes: readonly Scope[] | null;
  readonly expiresAt: Date | null;
}

export function insertApiKey(db: Session, key: NewApiKey): Promise<StoredApiKey> {
  return db
    .insertInto('api_keys')
    .values({
      user_id: key.userId,
      door: key.door,
      name: key.name,
      prefix: key.prefix,
      digest: key.digest,
      scopes: key.scopes === null ? null : [...key.scopes],
      expires_at: key.expiresAt,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Newest first, revoked ones included. */
export function listApiKeys(db: Session, userId: number): Promise<StoredApiKey[]> {
  return db.selectFrom('api_keys').selectAll().where('user_id', '=', userId).orderBy('id', 'desc').execute();
}

export function findApiKey(db: Session, id: number): Promise<StoredApiKey | undefined> {
  return db.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst();
}

export interface KeyAndUser {
  readonly key: StoredApiKey;
  readonly user: StoredUser;
}

/** The key with this digest and its user, whatever state both are in. */
export async function findApiKeyByDigest(db: Session, digest: Buffer): Promise<KeyAndUser | undefined> {
  const key = await db.selectFrom('api_keys').selectAll().where('digest', '=', digest).executeTakeFirst();
  if (!key) return undefined;
  const user = await db
    .selectFrom('users')
    .selectAll()
    .where('id', '=', key.user_id)
    .executeTakeFirstOrThrow();
  return { key, user };
}

/** Revokes once: a second call leaves the first time stamp. */
export async function revokeApiKey(db: Session, id: number): Promise<void> {
  await db
    .updateTable('api_keys')
    .set({ revoked_at: sql`now()` })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .execute();
}

/** Moves `last_used_at` of many keys at once; never backwards. */
export async function touchApiKeys(db: Session, used: ReadonlyMap<number, Date>): Promise<void> {
  if (used.size === 0) return;
  const ids = [...used.keys()];
  const times = [...used.values()].map((time) => time.toISOString());
  // Locked in one order: two replicas may write the same keys at once.
  await sql`
    with locked as materialized (
      select id from api_keys where id = any(${ids}::int[]) order by id for no key update
    )
    update api_keys set last_used_at = greatest(api_keys.last_used_at, used.at)
    from unnest(${ids}::int[], ${times}::timestamptz[]) as used (id, at) join locked using (id)
    where api_keys.id = used.id`.execute(db);
}
