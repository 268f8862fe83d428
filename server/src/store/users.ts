import type { Selectable } from 'kysely';
import type { UserRow } from './schema.ts';
import type { Session } from './store.ts';

export type StoredUser = Selectable<UserRow>;

export interface NewUser {
  readonly username: string;
  readonly email: string | null;
  readonly passwordHash: string | null;
  readonly isAdmin: boolean;
  readonly rateLimitPerSecond: number;
  readonly rateLimitBurst: number;
}

export function insertUser(db: Session, user: NewUser): Promise<StoredUser> {
  return db
    .insertInto('users')
    .values({
      username: user.username,
      email: user.email,
      password_hash: user.passwordHash,
      is_admin: user.isAdmin,
      rate_limit_per_second: user.rateLimitPerSecond,
      rate_limit_burst: user.rateLimitBurst,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
}

export function findUser(db: Session, id: number): Promise<StoredUser | undefined> {
  return db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Names are compared without regard to case. */
export function findUserByName(db: Session, username: string): Promise<StoredUser | undefined> {
  return db
    .selectFrom('users')
    .selectAll()
    .where((eb) => eb(eb.fn('lower', ['username']), '=', username.toLowerCase()))
    .executeTakeFirst();
}

export async function hasUsers(db: Session): Promise<boolean> {
  return (await db.selectFrom('users').select('id').limit(1).executeTakeFirst()) !== undefined;
}

export async function setUserActive(db: Session, id: number, isActive: boolean): Promise<void> {
  await db
    .updateTable('users')
    .set({ is_active: isActive, updated_at: new Date() })
    .where('id', '=', id)
    .execute();
}

/** Locks a user's row until the transaction ends: whoever counts what they own, counts alone. */
export async function lockOwner(db: Session, id: number): Promise<void> {
  await db.selectFrom('users').select('id').where('id', '=', id).forNoKeyUpdate().execute();
}

export function listUsers(db: Session, ids: readonly number[]): Promise<StoredUser[]> {
  return db
    .selectFrom('users')
    .selectAll()
    .where('id', 'in', [...ids])
    .execute();
}

/** A new password ends the sessions that were made with the old one. */
export async function setUserPassword(db: Session, id: number, passwordHash: string): Promise<void> {
  await db
    .updateTable('users')
    .set((eb) => ({
      password_hash: passwordHash,
      session_epoch: eb('session_epoch', '+', 1),
      updated_at: new Date(),
    }))
    .where('id', '=', id)
    .execute();
}
