import type { User } from '../../domain/user.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Session } from '../../store/store.ts';
import { findUser, findUserByUuid, type StoredUser } from '../../store/users.ts';

/** How a caller may name a user. */
export type UserReference = { readonly id: number } | { readonly uuid: string };

const LARGEST_ID = 2_147_483_647;

/** The user that the reference names, whatever state they are in. Fault: `user.not-found`. */
export async function getReferenced(db: Session, reference: UserReference): Promise<StoredUser> {
  const user = await findReferenced(db, reference);
  if (!user) throw new Fault('user.not-found', 'there is no such user');
  return user;
}

async function findReferenced(db: Session, reference: UserReference): Promise<StoredUser | undefined> {
  if ('uuid' in reference) return findUserByUuid(db, reference.uuid);
  // What the column cannot hold is the id of nobody.
  return reference.id <= LARGEST_ID ? findUser(db, reference.id) : undefined;
}

export function userOf(stored: StoredUser): User {
  return {
    id: stored.id,
    username: stored.username,
    email: stored.email,
    isActive: stored.is_active,
    isAdmin: stored.is_admin,
    limits: { perSecond: stored.rate_limit_per_second, burst: stored.rate_limit_burst },
    createdAt: stored.created_at,
    updatedAt: stored.updated_at,
  };
}

/** The user as a target of the audit log. */
export function auditTarget(user: Pick<StoredUser, 'id' | 'username'>) {
  return { kind: 'user', id: String(user.id), name: user.username, rootId: null };
}
