import type { Answer, Client } from '../../client.ts';
import { listAllPages } from '../../paging.ts';
import { getByReference, type Naming } from '../../reference.ts';

export type User = Answer<'user.list'>['users'][number];

const naming: Naming<User> = {
  kind: 'user',
  id: (user) => String(user.id),
  name: (user) => user.username,
};

/** All users, or only those that are active or not; newest first. */
export function listUsers(client: Client, isActive?: boolean): Promise<User[]> {
  const filter = isActive === undefined ? {} : { is_active: isActive };
  return listAllPages(naming.id, async (limit, skip) => {
    const { users, total } = await client.call('user.list', { query: { ...filter, limit, skip } });
    return { items: users, total };
  });
}

/**
 * A user by name or id; faults with exit code 4. The whole list is read even for an id: a name may be all digits,
 * and must not stand for somebody else's id.
 */
export async function getUser(client: Client, reference: string): Promise<User> {
  return getByReference(naming, await listUsers(client), reference);
}
