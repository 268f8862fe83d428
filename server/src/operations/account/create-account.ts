import { limitsOf, usernameFrom, usernameWithEnding } from '../../domain/user.ts';
import { randomText } from '../../kernel/token.ts';
import { insertSystemAudit } from '../../store/audit.ts';
import type { Session } from '../../store/store.ts';
import { findUserByName, insertUser, type StoredUser } from '../../store/users.ts';
import type { Context } from '../context.ts';

const ENDING_LENGTH = 6;
const ENDING_ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';

export interface NewAccount {
  readonly wishedNames: readonly (string | null)[];
  /** Free, or `null`. */
  readonly email: string | null;
  readonly isAdmin: boolean;
  /** Who vouched for the person. */
  readonly source: string;
}

/** Makes an account without a password for somebody whom others vouched for. A lost race is a unique violation. */
export async function createAccount(
  context: Context,
  db: Session,
  { wishedNames, email, isAdmin, source }: NewAccount,
): Promise<StoredUser> {
  const wished = usernameFrom(wishedNames);
  const isTaken = (await findUserByName(db, wished)) !== undefined;
  const username = isTaken ? usernameWithEnding(wished, randomText(ENDING_LENGTH, ENDING_ALPHABET)) : wished;
  const limits = limitsOf(context.roleLimits, isAdmin);
  const user = await insertUser(db, {
    username,
    email,
    passwordHash: null,
    isAdmin,
    rateLimitPerSecond: limits.perSecond,
    rateLimitBurst: limits.burst,
  });
  await insertSystemAudit(db, {
    actor: source,
    action: 'user.create',
    targetKind: 'user',
    targetId: String(user.id),
    targetName: username,
    outcome: 'done',
  });
  return user;
}
