/** What ends an open socket from our side: its credential, or the user. */
import { describe, expect, test } from 'vitest';
import { revokeApiKey } from '../../src/operations/api-key/revoke.ts';
import { revokeSession } from '../../src/operations/session/revoke.ts';
import { deactivateUser } from '../../src/operations/user/deactivate.ts';
import { notifyUserChanged } from '../../src/store/changes.ts';
import { updateUser } from '../../src/store/users.ts';
import { ORIGIN } from '../operations/support/operation-suite.ts';
import { EVENTS, liveSuite } from './support/live-suite.ts';

const suite = liveSuite();
const CLOSED = { code: 4001, reason: 'Credential revoked' };

describe('an open feed ends', () => {
  const admin = () => suite.newCaller({ isAdmin: true });

  test('when its key is revoked, and no other of the user’s', async () => {
    const caller = await suite.newCaller();
    const { key, token } = await suite.newKey(caller);
    const byKey = await suite.welcome(caller, suite.port, { authorization: `Bearer ${token}` });
    const bySession = await suite.welcome(caller);
    await revokeApiKey.invoke(suite.operations.context, { caller, origin: ORIGIN, input: { id: key.id } });
    await expect.poll(() => byKey.closed).toEqual(CLOSED);
    await suite.tell(caller.userId, 'test.after');
    await expect.poll(() => bySession.names).toEqual(['test.after']);
    expect(byKey.names).toEqual([]);
  });

  test('when the session is ended that opened it, or made its ticket', async () => {
    const caller = await suite.newCaller();
    const { secret, sessionId } = await suite.operations.startSession(caller.userId, 'cookie');
    const headers = { cookie: `backyard_session=${secret}`, origin: suite.port.url };
    const direct = suite.port.connect({ headers });
    const answer = await suite.port.app.inject({
      method: 'POST',
      url: '/api/v1/ws/tickets',
      headers: { cookie: headers.cookie },
    });
    expect([answer.statusCode, answer.json().expires_in]).toEqual([200, 30]);
    const byTicket = suite.port.connect({ path: `${EVENTS}?ticket=${answer.json().ticket}` });
    await expect.poll(() => [direct.hello?.type, byTicket.hello?.type]).toEqual(['hello', 'hello']);
    await revokeSession.invoke(suite.operations.context, {
      caller,
      origin: ORIGIN,
      input: { id: sessionId },
    });
    await expect.poll(() => [direct.closed, byTicket.closed]).toEqual([CLOSED, CLOSED]);
  });

  test('on every replica, when the user is deactivated', async () => {
    const replica = await suite.listen({ context: await suite.operations.openReplica() });
    const caller = await suite.newCaller();
    const clients = [await suite.welcome(caller), await suite.welcome(caller, replica)];
    await deactivateUser.invoke(suite.operations.context, {
      caller: await admin(),
      origin: ORIGIN,
      input: { user: { id: caller.userId } },
    });
    const closed = { code: 4001, reason: 'User account is disabled' };
    for (const client of clients) await expect.poll(() => client.closed).toEqual(closed);
  });

  test('when its credential does', async () => {
    const caller = await suite.newCaller();
    const { token } = await suite.newKey(caller, null, new Date(Date.now() + 800));
    const client = await suite.welcome(caller, suite.port, { authorization: `Bearer ${token}` });
    expect(client.closed).toBeUndefined();
    await expect
      .poll(() => client.closed, { timeout: 3_000 })
      .toEqual({ code: 4001, reason: 'Invalid or expired token' });
  });

  test('to tell of everything when an administrator is none any more', async () => {
    const caller = await suite.newCaller({ isAdmin: true });
    const client = await suite.welcome(caller);
    await suite.tell(null, 'test.before');
    await expect.poll(() => client.names).toEqual(['test.before']);
    await updateUser(suite.operations.store, caller.userId, { is_admin: false });
    await notifyUserChanged(suite.operations.store, caller.userId);
    await expect
      .poll(async () => {
        const seen = client.events.length;
        await suite.tell(null, 'test.nobodys');
        await suite.tell(caller.userId, 'test.own');
        await expect.poll(() => client.names.slice(seen)).toContain('test.own');
        return client.names.slice(seen);
      })
      .toEqual(['test.own']);
    expect(client.closed).toBeUndefined();
  });
});
