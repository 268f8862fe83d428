import { limitsOf, type User } from '../../domain/user.ts';
import { Fault } from '../../kernel/fault.ts';
import { hashPassword } from '../../kernel/password.ts';
import { insertUser, takenPartOf } from '../../store/users.ts';
import type { Context } from '../context.ts';
import { adminOperation, assertUnlimited, type Invocation } from '../operation.ts';
import { recordAudit } from '../record.ts';
import { auditTarget, userOf } from './reference.ts';

/** Every text in it was checked. */
export interface CreateUserInput {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly isAdmin: boolean;
  /** `null`: the default of the role. */
  readonly perSecond: number | null;
  readonly burst: number | null;
}

/**
 * Creates a user who can sign in at once. Faults: `user.taken` when somebody has the name or the address,
 * `forbidden.limited-key` for an administrator by a limited key.
 */
export const createUser = adminOperation(
  'user.create',
  'user:write',
  async (context: Context, { caller, origin, input }: Invocation<CreateUserInput>): Promise<User> => {
    if (input.isAdmin) assertUnlimited(caller);
    const limits = limitsOf(context.roleLimits, input.isAdmin);
    const passwordHash = await hashPassword(input.password);
    try {
      return await context.store.transaction().execute(async (db) => {
        const user = await insertUser(db, {
          username: input.username,
          email: input.email,
          passwordHash,
          isAdmin: input.isAdmin,
          rateLimitPerSecond: input.perSecond ?? limits.perSecond,
          rateLimitBurst: input.burst ?? limits.burst,
        });
        const details = { is_admin: user.is_admin };
        await recordAudit(db, 'user.create', { caller, origin }, auditTarget(user), 'done', details);
        return userOf(user);
      });
    } catch (error) {
      if (takenPartOf(error) === undefined) throw error;
      throw new Fault('user.taken', 'somebody has this name or address', {}, error);
    }
  },
);
