import { sql } from 'kysely';
import { hashPassword } from '../kernel/password.ts';
import { randomText } from '../kernel/token.ts';
import { insertSystemAudit } from '../store/audit.ts';
import type { Store } from '../store/store.ts';
import { hasUsers, insertUser } from '../store/users.ts';
import type { Config } from './config.ts';

const PASSWORD_LENGTH = 24;
/** Any number, the same in every replica. */
const LOCK = 4_127_001;

/**
 * Makes the first administrator when there is no user yet; replicas that start together make one. `announce`
 * gets a generated password before the transaction ends: a crash then announces a new one next time instead
 * of keeping a password that nobody saw.
 */
export async function ensureFirstAdmin(
  store: Store,
  config: Pick<Config, 'admin' | 'rateLimits'>,
  announce: (username: string, password: string) => void,
): Promise<void> {
  if (await hasUsers(store)) return;
  const { username } = config.admin;
  const password = config.admin.password ?? randomText(PASSWORD_LENGTH);
  const passwordHash = await hashPassword(password);
  await store.transaction().execute(async (db) => {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(db);
    if (await hasUsers(db)) return;
    const user = await insertUser(db, {
      username,
      email: null,
      passwordHash,
      isAdmin: true,
      rateLimitPerSecond: config.rateLimits.admin.perSecond,
      rateLimitBurst: config.rateLimits.admin.burst,
    });
    await insertSystemAudit(db, {
      action: 'user.create',
      targetKind: 'user',
      targetId: String(user.id),
      targetName: username,
      outcome: 'done',
    });
    if (config.admin.password === null) announce(username, password);
  });
}
