import { type Selectable, sql } from 'kysely';
import type pg from 'pg';
import { isUniqueViolation } from './postgres-error.ts';
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

export function findUserByUuid(db: Session, uuid: string): Promise<StoredUser | undefined> {
  return db.selectFrom('users').selectAll().where('uuid', '=', uuid).executeTakeFirst();
}

/** The user as they are until the transaction ends: nobody else changes them meanwhile. */
export function lockUser(db: Session, id: number): Promise<StoredUser> {
  return db.selectFrom('users').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirstOrThrow();
}

/** Addresses are compared without regard to case, as Postgres has it: its index decides who is taken. */
export function findUserByEmail(db: Session, email: string): Promise<StoredUser | undefined> {
  return db
    .selectFrom('users')
    .selectAll()
    .where(sql<boolean>`lower(email) = lower(${email})`)
    .executeTakeFirst();
}

/** Names are compared without regard to case. */
export function findUserByName(db: Session, username: string): Promise<StoredUser | undefined> {
  return db
    .selectFrom('users')
    .selectAll()
    .where(sql<boolean>`lower(username) = lower(${username})`)
    .executeTakeFirst();
}

/** Newest first; `total` counts all that match. */
export async function listUserPage(
  db: Session,
  page: { readonly isActive: boolean | null; readonly limit: number; readonly offset: number },
): Promise<{ users: StoredUser[]; total: number }> {
  const { isActive } = page;
  const matching = db
    .selectFrom('users')
    .$if(isActive !== null, (query) => query.where('is_active', '=', isActive as boolean));
  const users = await matching
    .selectAll()
    .orderBy('id', 'desc')
    .limit(page.limit)
    .offset(page.offset)
    .execute();
  const { total } = await matching
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  return { users, total };
}

/** What another user has already, when that is why a statement failed. */
export function takenPartOf(error: unknown): 'username' | 'email' | undefined {
  if (!isUniqueViolation(error)) return undefined;
  const { constraint } = error as pg.DatabaseError;
  if (constraint === 'users_username') return 'username';
  return constraint === 'users_email' ? 'email' : undefined;
}

export async function hasUsers(db: Session): Promise<boolean> {
  return (await db.selectFrom('users').select('id').limit(1).executeTakeFirst()) !== undefined;
}

export type UserChange = Partial<
  Pick<
    StoredUser,
    | 'username'
    | 'email'
    | 'password_hash'
    | 'is_admin'
    | 'is_active'
    | 'rate_limit_per_second'
    | 'rate_limit_burst'
  >
>;

export function updateUser(db: Session, id: number, change: UserChange): Promise<StoredUser> {
  return db
    .updateTable('users')
    .set({ ...change, updated_at: new Date() })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Any number, the same in every replica. */
const ADMINS_LOCK = 4_127_002;

/**
 * True when somebody else could still administrate. Whoever takes the power from an administrator asks this
 * first, in the same transaction: until it ends, nobody else can ask.
 */
export async function hasOtherActiveAdmin(db: Session, id: number): Promise<boolean> {
  await sql`select pg_advisory_xact_lock(${ADMINS_LOCK})`.execute(db);
  const other = await db
    .selectFrom('users')
    .select('id')
    .where('is_admin', '=', true)
    .where('is_active', '=', true)
    .where('id', '!=', id)
    .limit(1)
    .executeTakeFirst();
  return other !== undefined;
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

export async function setUserPassword(db: Session, id: number, passwordHash: string): Promise<void> {
  await db
    .updateTable('users')
    .set({ password_hash: passwordHash, updated_at: new Date() })
    .where('id', '=', id)
    .execute();
}
