import { sql } from 'kysely';
import type { Session } from './store.ts';
import type { StoredUser } from './users.ts';

export interface IdentityName {
  readonly issuer: string;
  readonly subject: string;
}

export function findUserByIdentity(db: Session, name: IdentityName): Promise<StoredUser | undefined> {
  return db
    .selectFrom('users')
    .selectAll('users')
    .innerJoin('identities', 'identities.user_id', 'users.id')
    .where('issuer', '=', name.issuer)
    .where('subject', '=', name.subject)
    .executeTakeFirst();
}

export async function insertIdentity(db: Session, name: IdentityName, userId: number): Promise<void> {
  await db
    .insertInto('identities')
    .values({ issuer: name.issuer, subject: name.subject, user_id: userId })
    .execute();
}

export async function touchIdentity(db: Session, name: IdentityName): Promise<void> {
  await db
    .updateTable('identities')
    .set({ last_seen_at: sql`now()` })
    .where('issuer', '=', name.issuer)
    .where('subject', '=', name.subject)
    .execute();
}

/** True when the user is known at this issuer, under whatever name. */
export async function hasIdentityAt(db: Session, userId: number, issuer: string): Promise<boolean> {
  const row = await db
    .selectFrom('identities')
    .select('subject')
    .where('user_id', '=', userId)
    .where('issuer', '=', issuer)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The name under which a provider saw this user last; `undefined` when none ever did. */
export async function findLastSubject(db: Session, userId: number): Promise<string | undefined> {
  const row = await db
    .selectFrom('identities')
    .select('subject')
    .where('user_id', '=', userId)
    .orderBy('last_seen_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.subject;
}
