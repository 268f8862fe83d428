/** What ends sessions, and what begins or uses one at that moment. */
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { hashPassword } from '../../src/kernel/password.ts';
import { authenticate } from '../../src/operations/identity/authenticate.ts';
import { changePassword } from '../../src/operations/identity/change-password.ts';
import { login } from '../../src/operations/identity/login.ts';
import { revokeSessionsOf, touchSessions } from '../../src/store/sessions.ts';
import type { Session } from '../../src/store/store.ts';
import { setUserActive, setUserPassword } from '../../src/store/users.ts';
import { rowsOf } from '../store/support/store-suite.ts';
import { codesOf, ORIGIN, operationSuite } from './support/operation-suite.ts';

const suite = operationSuite();

/** `known`, or why the cookie counts for nothing. */
function stateOf(sessionCookie: string): Promise<string> {
  const presented = { authorization: undefined, proxyEmail: undefined, sessionCookie };
  return authenticate(suite.context, presented).then(
    () => 'known',
    ({ details }) => details.reason,
  );
}

/** Runs `work` against a transaction of ours that lets go once `work` waits for it. */
async function whileHeld<T>(
  hold: (db: Session) => Promise<unknown>,
  work: () => Promise<T>,
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<T> {
  const waiting = sql`
    select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
  const { started } = await suite.store.transaction().execute(async (db) => {
    await hold(db);
    const started = work();
    started.catch(() => undefined);
    await expect.poll(() => rowsOf(suite.store, waiting), { timeout: 5_000 }).not.toEqual([]);
    await meanwhile();
    // In an object, or it would be waited for here.
    return { started };
  });
  return started;
}

describe('what was under way when sessions ended', () => {
  const input = (username: string) => ({ username, password: 'correct horse', carrier: 'bearer' as const });

  test('a sign-in with a password that is not the user’s any more begins no session', async () => {
    const { userId, username } = await suite.newCaller({ password: 'correct horse' });
    const hash = await hashPassword('battery staple');
    const reset = async (db: Session) => {
      await setUserPassword(db, userId, hash);
      await revokeSessionsOf(db, userId);
    };
    const late = whileHeld(reset, () => login(suite.context, ORIGIN, input(username)));
    expect(await codesOf([late])).toEqual(['login.wrong']);
    expect(await rowsOf(suite.store, sql`select id from sessions where user_id = ${userId}`)).toEqual([]);
  });

  test('nor does one of a user who was deactivated', async () => {
    const { userId, username } = await suite.newCaller({ password: 'correct horse' });
    const late = whileHeld(
      (db) => setUserActive(db, userId, false),
      () => login(suite.context, ORIGIN, input(username)),
    );
    expect(await codesOf([late])).toEqual(['login.disabled']);
  });

  test('a new password of one’s own does not undo the one that an administrator set meanwhile', async () => {
    const caller = await suite.newCaller({ password: 'correct horse' });
    const hash = await hashPassword('battery staple');
    const late = whileHeld(
      (db) => setUserPassword(db, caller.userId, hash),
      () =>
        changePassword.invoke(suite.context, {
          caller,
          origin: ORIGIN,
          input: { currentPassword: 'correct horse', newPassword: 'a third one', carrier: 'bearer' },
        }),
    );
    expect(await codesOf([late])).toEqual(['password.wrong']);
  });

  test('a request in the moment of a new sign-in does not keep the old session alive', async () => {
    const { username } = await suite.newCaller({ password: 'correct horse' });
    const cookie = { ...input(username), carrier: 'cookie' as const };
    const first = await login(suite.context, ORIGIN, cookie);
    // The sign-in waits with the old session ended and nothing committed.
    await whileHeld(
      (db) => sql`lock table audit in exclusive mode`.execute(db),
      () => login(suite.context, ORIGIN, { ...cookie, earlierSession: first.secret }),
      async () => expect(await stateOf(first.secret)).toBe('known'),
    );
    expect(await stateOf(first.secret)).toBe('invalid-session');
  });

  test('uses are written, and sessions end, without waiting for each other in a circle', async () => {
    const { userId } = await suite.newCaller();
    const ids: string[] = [];
    for (let count = 0; count < 300; count++) {
      ids.push((await suite.startSession(userId, 'bearer')).sessionId);
    }
    const used = (order: readonly string[]) => new Map(order.map((id) => [id, new Date()] as const));
    const work = [ids, [...ids].reverse(), [...ids].sort()].flatMap((order) => [
      touchSessions(suite.store, used(order)),
      touchSessions(suite.store, used(order.toReversed())),
    ]);
    const [revoked] = await Promise.all([revokeSessionsOf(suite.store, userId), ...work]);
    expect(revoked).toBe(300);
  });
});
