import { findUserByEmail, type StoredUser } from '../../store/users.ts';
import { createAccount } from '../account/create-account.ts';
import { retryOnRace } from '../account/retry-on-race.ts';
import type { Context } from '../context.ts';

/** The account with the address that an authenticating proxy vouches for; made when there is none. */
export function getProxyUser(context: Context, email: string): Promise<StoredUser> {
  return retryOnRace(async () => {
    const known = await findUserByEmail(context.store, email);
    if (known) return known;
    return context.store.transaction().execute((db) =>
      createAccount(context, db, {
        wishedNames: [email.split('@')[0] ?? null],
        email,
        isAdmin: false,
        source: 'authenticating proxy',
      }),
    );
  });
}
