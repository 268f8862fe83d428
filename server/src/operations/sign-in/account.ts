import type { ProviderIdentity, ProviderRules, SignInProvider } from '../../domain/sign-in-provider.ts';
import { LONGEST_EMAIL } from '../../domain/user.ts';
import { Fault } from '../../kernel/fault.ts';
import { insertSystemAudit } from '../../store/audit.ts';
import { notifyUserChanged } from '../../store/changes.ts';
import { findUserByIdentity, hasIdentityAt, insertIdentity, touchIdentity } from '../../store/identities.ts';
import type { Session } from '../../store/store.ts';
import { findUserByEmail, type StoredUser, type UserChange, updateUser } from '../../store/users.ts';
import { createAccount } from '../account/create-account.ts';
import { retryOnRace } from '../account/retry-on-race.ts';
import { roleChange } from '../account/role.ts';
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
      const { user: found, newEmail } = await findOrMake(context, db, provider, identity);
      const isAdmin = adminGroups === null ? found.is_admin : isInOneOf(identity.groups, adminGroups);
      const role = await roleChange(context, db, found, isAdmin);
      return follow(db, provider, found, newEmail === null ? role : { ...role, email: newEmail });
    }),
  );
  // The notification is for the others; here nothing may pass between the answer and its arrival.
  context.credentials.forgetUser(user.id);
  if (!user.is_active) throw disabled();
  return user;
}

export function disabled(): Fault {
  return new Fault('sign-in.disabled', 'the account is disabled');
}

/** Writes what the provider says of a user that is not so yet. */
async function follow(
  db: Session,
  provider: SignInProvider,
  user: StoredUser,
  change: UserChange,
): Promise<StoredUser> {
  if (Object.keys(change).length === 0) return user;
  const changed = await updateUser(db, user.id, change);
  await insertSystemAudit(db, {
    actor: `oidc:${provider.name}`,
    action: 'user.update',
    targetKind: 'user',
    targetId: String(user.id),
    targetName: user.username,
    outcome: 'done',
    details: change,
  });
  await notifyUserChanged(db, user.id);
  return changed;
}

interface FoundAccount {
  readonly user: StoredUser;
  /** A verified address that takes the place of the stored one. */
  readonly newEmail: string | null;
}

/** Locks no row of `users` that was there before: `roleChange` comes first. */
async function findOrMake(
  context: Context,
  db: Session,
  provider: SignInProvider,
  identity: ProviderIdentity,
): Promise<FoundAccount> {
  const email = verifiedEmail(identity, provider.rules);
  const holder = email === null ? undefined : await findUserByEmail(db, email);
  const known = await findUserByIdentity(db, identity);
  if (known) {
    await touchIdentity(db, identity);
    return { user: known, newEmail: holder === undefined ? email : null };
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
  return { user, newEmail: null };
}
