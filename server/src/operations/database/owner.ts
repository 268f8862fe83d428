import type { Caller } from '../../domain/caller.ts';
import { Fault } from '../../kernel/fault.ts';
import { findUser, listUsers } from '../../store/users.ts';
import type { Context } from '../context.ts';

/** Who owns a resource, as surfaces show it. */
export interface Owner {
  readonly id: number;
  readonly uuid: string;
  readonly email: string | null;
}

/** The owner of something that the caller may see; no query when that is the caller. */
export async function getOwner(context: Context, caller: Caller, ownerId: number | null): Promise<Owner> {
  if (ownerId === caller.userId) return { id: ownerId, uuid: caller.userUuid, email: caller.email };
  const user = ownerId === null ? undefined : await findUser(context.store, ownerId);
  if (!user) throw new Fault('owner.not-found', 'the owner of a resource is gone');
  return user;
}

/** The owners of a list, by id. */
export async function listOwners(
  context: Context,
  caller: Caller,
  ownerIds: readonly (number | null)[],
): Promise<ReadonlyMap<number | null, Owner>> {
  const self = { id: caller.userId, uuid: caller.userUuid, email: caller.email };
  const others = new Set(ownerIds.filter((id) => id !== null && id !== caller.userId) as number[]);
  const users = others.size === 0 ? [] : await listUsers(context.store, [...others]);
  return new Map<number | null, Owner>([self, ...users].map((user) => [user.id, user]));
}
