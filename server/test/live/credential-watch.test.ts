import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import type { Caller } from '../../src/domain/caller.ts';
import { createApiKey } from '../../src/operations/api-key/create.ts';
import { revokeApiKey } from '../../src/operations/api-key/revoke.ts';
import { CredentialWatch } from '../../src/operations/identity/credential-watch.ts';
import { revokeSession } from '../../src/operations/session/revoke.ts';
import { deactivateUser } from '../../src/operations/user/deactivate.ts';
import { updateUser } from '../../src/operations/user/update.ts';
import { revokeApiKey as revokeStored } from '../../src/store/api-keys.ts';
import { notifyUserChanged } from '../../src/store/changes.ts';
import { setUserActive, updateUser as updateStored } from '../../src/store/users.ts';
import { ORIGIN, operationSuite } from '../operations/support/operation-suite.ts';
import { cutConnections, silentLog } from '../store/support/store-suite.ts';

const suite = operationSuite();
const watches: CredentialWatch[] = [];
afterEach(() => {
  for (const watch of watches.splice(0)) watch.stop();
});

function newWatch(
  context: ConstructorParameters<typeof CredentialWatch>[0] = suite.context,
): CredentialWatch {
  const watch = new CredentialWatch(context);
  watches.push(watch);
  return watch;
}

/** What a listener was told. */
function witness() {
  const ends: string[] = [];
  const seen: Caller[] = [];
  return {
    ends,
    seen,
    ended: (reason: string) => void ends.push(reason),
    callerSeen: (caller: Caller) => void seen.push(caller),
  };
}

/** Watches from a time at which the first look is over. */
async function watched(caller: Caller, watch = newWatch()) {
  const { ends, seen, ended, callerSeen } = witness();
  const stop = watch.watch(caller, { ended, seen: callerSeen });
  await expect.poll(() => seen.length + ends.length).toBe(1);
  return { ends, seen, stop };
}

async function withKey(expiresAt: Date | null = null): Promise<Caller> {
  const caller = await suite.newCaller();
  const input = { door: 'token' as const, name: 'for a test', expiresAt, scopes: ['read' as const] };
  const { key } = await createApiKey.invoke(suite.context, { caller, origin: ORIGIN, input });
  return { ...caller, keyId: key.id, scopes: ['read'] };
}

async function withSession(): Promise<Caller> {
  const caller = await suite.newCaller();
  const { sessionId } = await suite.startSession(caller.userId, 'cookie');
  return { ...caller, sessionId, isAmbient: true };
}

async function withProxy(): Promise<Caller> {
  const caller = await suite.newCaller({ email: `somebody${Date.now()}@example.org` });
  return { ...caller, isAmbient: true };
}

const admin = () => suite.newCaller({ isAdmin: true });

describe('whoever watches a credential', () => {
  test('is told that a key was revoked, once', async () => {
    const caller = await withKey();
    const { ends, seen } = await watched(caller);
    // The first look sees the caller as the credential shows them.
    expect(seen).toEqual([caller]);
    const input = { id: caller.keyId as number };
    await revokeApiKey.invoke(suite.context, { caller: { ...caller, scopes: null }, origin: ORIGIN, input });
    await expect.poll(() => ends).toEqual(['revoked']);
    await deactivateUser.invoke(suite.context, {
      caller: await admin(),
      origin: ORIGIN,
      input: { user: { id: caller.userId } },
    });
    await expect(watched(await withKey())).resolves.toMatchObject({ ends: [] });
    expect(ends).toEqual(['revoked']);
  });

  test('is told that a session was ended, by any replica', async () => {
    const replica = await suite.openReplica();
    const caller = await withSession();
    const { ends } = await watched(caller, newWatch(replica));
    const input = { id: caller.sessionId as string };
    await revokeSession.invoke(suite.context, { caller, origin: ORIGIN, input });
    await expect.poll(() => ends).toEqual(['revoked']);
  });

  test('is told that the user was deactivated, although that ends the session too', async () => {
    const watch = newWatch();
    const callers = [await withSession(), await withKey(), await withProxy()];
    const witnesses = await Promise.all(callers.map((caller) => watched(caller, watch)));
    for (const { userId } of callers) {
      const input = { user: { id: userId } };
      await deactivateUser.invoke(suite.context, { caller: await admin(), origin: ORIGIN, input });
    }
    await expect
      .poll(() => witnesses.map(({ ends }) => ends))
      .toEqual([['disabled'], ['disabled'], ['disabled']]);
  });

  test('is told when the credential ends by itself', async () => {
    const { ends } = await watched(await withKey(new Date(Date.now() + 400)));
    expect(ends).toEqual([]);
    await expect.poll(() => ends).toEqual(['expired']);
  });

  test('waits longer than one timer can, without a word', async () => {
    const { ends, seen, stop } = await watched(await withKey(new Date(Date.now() + 100 * 86_400_000)));
    expect([ends, seen.length]).toEqual([[], 1]);
    stop();
  });

  test('is told who the user is now: their role may be another', async () => {
    const caller = await withSession();
    const { seen } = await watched(caller);
    const change = { isAdmin: true };
    const nothing = {
      username: null,
      email: null,
      password: null,
      isActive: null,
      perSecond: null,
      burst: null,
    };
    const input = { user: { id: caller.userId }, change: { ...nothing, ...change } };
    await updateUser.invoke(suite.context, { caller: await admin(), origin: ORIGIN, input });
    await expect.poll(() => seen.at(-1)?.isAdmin).toBe(true);
    expect(seen.at(-1)).toMatchObject({ isAmbient: true, sessionId: caller.sessionId });
  });

  test('of a proxy: is told that the address belongs to somebody else now', async () => {
    const caller = await withProxy();
    const { ends } = await watched(caller);
    await updateStored(suite.store, caller.userId, { email: 'another@example.org' });
    await notifyUserChanged(suite.store, caller.userId);
    await expect.poll(() => ends).toEqual(['revoked']);
  });

  test('hears nothing of other users, nor after it stopped', async () => {
    const watch = newWatch();
    const [one, other] = [await withKey(), await withKey()];
    const first = await watched(one, watch);
    const second = await watched(other, watch);
    first.stop();
    await setUserActive(suite.store, one.userId, false);
    await notifyUserChanged(suite.store, one.userId);
    await setUserActive(suite.store, other.userId, false);
    await notifyUserChanged(suite.store, other.userId);
    await expect.poll(() => second.ends).toEqual(['disabled']);
    expect([first.ends, first.seen.length, second.seen.length]).toEqual([[], 1, 1]);
  });

  test('is told of what happened before it began to watch', async () => {
    const caller = await withKey();
    await revokeStored(suite.store, caller.keyId as number);
    expect(await watched(caller)).toMatchObject({ ends: ['revoked'], seen: [] });
  });
});

describe('when notifications are lost', () => {
  test('all credentials are looked at once the feed is back', async () => {
    const changes = await suite.openFeed('feed of a watch');
    const watch = newWatch({ store: suite.store, log: silentLog, changes });
    const caller = await withKey();
    const { ends } = await watched(caller, watch);
    const other = await watched(await withSession(), watch);
    expect(await cutConnections(suite.store, 'feed of a watch')).toBe(1);
    await expect.poll(() => changes.isLive, { interval: 5 }).toBe(false);
    await revokeStored(suite.store, caller.keyId as number);
    await notifyUserChanged(suite.store, caller.userId);
    await expect.poll(() => ends, { timeout: 5_000 }).toEqual(['revoked']);
    expect(other.ends).toEqual([]);
  });

  test('a look that the database did not answer is taken again', async () => {
    const caller = await withKey();
    const warnings: string[] = [];
    const log = { warn: (_fields: object, message: string) => void warnings.push(message) };
    const { ends } = await watched(caller, newWatch({ ...suite.context, log }));
    await revokeStored(suite.store, caller.keyId as number);
    await sql`alter table api_keys rename to api_keys_away`.execute(suite.store);
    await notifyUserChanged(suite.store, caller.userId);
    await expect.poll(() => warnings).toHaveLength(1);
    expect(ends).toEqual([]);
    await sql`alter table api_keys_away rename to api_keys`.execute(suite.store);
    await expect.poll(() => ends, { timeout: 5_000 }).toEqual(['revoked']);
  });
});
