import type { ProviderIdentity, ProviderRules, SignInProvider } from '../../domain/sign-in-provider.ts';
import { LONGEST_EMAIL } from '../../domain/user.ts';
import { Fault } from '../../kernel/fault.ts';
import { notifyUserChanged } from '../../store/changes.ts';
import { findUserByIdentity, hasIdentityAt, insertIdentity, touchIdentity } from '../../store/identities.ts';
import type { Session } from '../../store/store.ts';
import { findUserByEmail, type StoredUser, updateUser } from '../../store/users.ts';
import { createAccount } from '../account/create-account.ts';
import { retryOnRace } from '../account/retry-on-race.ts';
import { followProvidersRole } from '../account/role.ts';
import type { Context } from '../context.ts';

/** The address that the provider vouches for; an unverified one counts as none. */
function verifiedEmail(identity: ProviderIdentity, rules: ProviderRules): string | null {
  const { email, isEmailVerified } = identity;
  if (email === null || email.length > LONGEST_EMAIL || /[\p{Cc}\s]/u.test(email)) return null;
  return (isEmailVerified ?? rules.trustsEmail) ? email : null;
}

function isInOneOf(groups: readonly string[] | null, wanted: readonly string[]): boolean {
  return (groups ?? []).some((group) => wanted.includes(group));
}

/**
 * The account of whom a provider vouches for: found by issuer and subject, else linked by a verified address,
 * else made. Source: contract pgweb, section 4.2. Faults: `sign-in.not-allowed`, `sign-in.disabled`.
 */
export async function settleAccount(
  context: Context,
  provider: SignInProvider,
  identity: ProviderIdentity,
): Promise<StoredUser> {
  const { adminGroups, allowedGroups } = provider.rules;
  if (allowedGroups !== null && !isInOneOf(identity.groups, allowedGroups)) {
    throw new Fault('sign-in.not-allowed', 'the person is in none of the groups that may sign in');
  }
  const user = await retryOnRace(() =>
    context.store.transaction().execute(async (db) => {
      const found = await findOrMake(context, db, provider, identity);
      const settled =
        adminGroups === null
          ? found
          : await followProvidersRole(context, db, found, isInOneOf(identity.groups, adminGroups));
      await notifyUserChanged(db, settled.id);
      return settled;
    }),
  );
  if (!user.is_active) throw new Fault('sign-in.disabled', 'the account is disabled');
  return user;
}

async function findOrMake(
  context: Context,
  db: Session,
  provider: SignInProvider,
  identity: ProviderIdentity,
): Promise<StoredUser> {
  const email = verifiedEmail(identity, provider.rules);
  const holder = email === null ? undefined : await findUserByEmail(db, email);
  const known = await findUserByIdentity(db, identity);
  if (known) {
    await touchIdentity(db, identity);
    const isNew = email !== null && holder === undefined && known.email !== email;
    return isNew ? updateUser(db, known.id, { email }) : known;
  }
  const isLinkable = holder !== undefined && !(await hasIdentityAt(db, holder.id, identity.issuer));
  const user = isLinkable
    ? holder
    : await createAccount(context, db, {
        wishedNames: [identity.preferredUsername, email?.split('@')[0] ?? null],
        email: holder === undefined ? email : null,
        isAdmin: false,
        source: `oidc:${provider.name}`,
      });
  await insertIdentity(db, identity, user.id);
  return user;
}
