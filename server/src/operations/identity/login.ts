import type { Origin } from '../../domain/caller.ts';
import { Fault } from '../../kernel/fault.ts';
import { verifyPassword } from '../../kernel/password.ts';
import { insertAuditEntry } from '../../store/audit.ts';
import { findUserByName, type StoredUser } from '../../store/users.ts';
import type { Context } from '../context.ts';
import { SESSION_SECONDS, signSession } from './sessions.ts';

export interface Session {
  readonly token: string;
  readonly expiresInSeconds: number;
}

/**
 * Signs a person in with a password. An unknown name costs as much as a known one. Faults:
 * `login.wrong` (name or password, not told which), `login.disabled` (right password, inactive user).
 */
export async function login(
  context: Context,
  origin: Origin,
  input: { username: string; password: string },
): Promise<Session> {
  // A text that Postgres cannot store is no name of anybody.
  const storable = !input.username.includes('\0');
  const user = storable ? await findUserByName(context.store, input.username) : undefined;
  const matches = await verifyPassword(user?.password_hash ?? null, input.password);
  if (!user || !matches) {
    await audit(context, origin, user, 'failed');
    throw new Fault('login.wrong', 'wrong name or password');
  }
  if (!user.is_active) {
    await audit(context, origin, user, 'failed');
    throw new Fault('login.disabled', 'the account is disabled');
  }
  await audit(context, origin, user, 'done');
  const token = await signSession(context.jwtKey, { id: user.id, epoch: user.session_epoch });
  return { token, expiresInSeconds: SESSION_SECONDS };
}

/** A name that was tried may be a password typed into the wrong field: only names that exist are written down. */
function audit(
  context: Context,
  origin: Origin,
  user: StoredUser | undefined,
  outcome: 'done' | 'failed',
): Promise<void> {
  return insertAuditEntry(context.store, {
    actorId: user?.id ?? null,
    actor: user?.username ?? 'unknown',
    credential: 'password',
    action: 'identity.login',
    targetKind: 'user',
    targetId: user ? String(user.id) : null,
    targetName: user?.username ?? null,
    rootId: null,
    outcome,
    requestId: origin.requestId,
    address: origin.address,
  });
}
