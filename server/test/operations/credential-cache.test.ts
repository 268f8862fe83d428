import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../src/domain/caller.ts';
import { tokenDigest } from '../../src/kernel/token.ts';
import { createApiKey } from '../../src/operations/api-key/create.ts';
import { revokeApiKey } from '../../src/operations/api-key/revoke.ts';
import { authenticateBearer } from '../../src/operations/identity/authenticate.ts';
import { CredentialCache } from '../../src/operations/identity/credential-cache.ts';
import { CredentialUsage } from '../../src/operations/identity/credential-usage.ts';
import { findApiKey, revokeApiKey as revokeStored } from '../../src/store/api-keys.ts';
import { notifyUserChanged } from '../../src/store/changes.ts';
import { findSession } from '../../src/store/sessions.ts';
import { cutConnections, silentLog } from '../store/support/store-suite.ts';
import { ORIGIN, operationSuite } from './support/operation-suite.ts';

const suite = operationSuite();

async function newKey(caller: Caller) {
  const input = { door: 'token' as const, name: 'for a test', expiresAt: null, scopes: null };
  return createApiKey.invoke(suite.context, { caller, origin: ORIGIN, input });
}

function remembered(cache: CredentialCache, token: string): Caller | undefined {
  return cache.find(tokenDigest(token).toString('base64'));
}

describe('what is remembered of a credential', () => {
  test('spares the query: the same caller comes back', async () => {
    const caller = await suite.newCaller();
    const { token } = await newKey(caller);
    const first = await authenticateBearer(suite.context, token);
    expect(remembered(suite.context.credentials, token)).toBe(first);
    expect(await authenticateBearer(suite.context, token)).toBe(first);
  });

  test('is forgotten when another process says that the user changed, and nobody else’s is', async () => {
    const feed = await suite.openFeed();
    const cache = new CredentialCache(feed);
    const [ada, bob] = [await suite.newCaller(), await suite.newCaller()];
    cache.remember('ada', ada, cache.version, null);
    cache.remember('bob', bob, cache.version, null);
    await notifyUserChanged(suite.store, ada.userId);
    await expect.poll(() => cache.find('ada')).toBeUndefined();
    expect(cache.find('bob')).toBe(bob);
  });

  test('is forgotten by every replica when a key is revoked on one', async () => {
    const replica = await suite.openReplica();
    const caller = await suite.newCaller();
    const { token, key } = await newKey(caller);
    await authenticateBearer(suite.context, token);
    await authenticateBearer(replica, token);
    await revokeApiKey.invoke(replica, { caller, origin: ORIGIN, input: { id: key.id } });
    // On the replica that answered, nothing lies between the answer and the next request.
    await expect(authenticateBearer(replica, token)).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect
      .poll(() => authenticateBearer(suite.context, token).catch(({ code }) => code))
      .toBe('unauthenticated');
  });

  test('is not what a look found that a revocation overtook', async () => {
    const caller = await suite.newCaller();
    const { token } = await newKey(caller);
    const { credentials } = suite.context;
    // The look begins, then the user changes, then the look ends.
    const looking = authenticateBearer(suite.context, token);
    credentials.forgetUser(caller.userId);
    await looking;
    expect(remembered(credentials, token)).toBeUndefined();
    await authenticateBearer(suite.context, token);
    expect(remembered(credentials, token)).toBeDefined();
  });

  test('is not used while the feed is down, and gone when it comes back', async () => {
    const feed = await suite.openFeed('feed of a cache');
    const cache = new CredentialCache(feed);
    const replica = { ...suite.context, changes: feed, credentials: cache };
    const caller = await suite.newCaller();
    const { token, key } = await newKey(caller);
    await authenticateBearer(replica, token);
    expect(remembered(cache, token)).toBeDefined();
    expect(await cutConnections(suite.store, 'feed of a cache')).toBe(1);
    await expect.poll(() => feed.isLive, { interval: 5 }).toBe(false);
    // Nobody hears of this revocation.
    await revokeStored(suite.store, key.id);
    await expect(authenticateBearer(replica, token)).rejects.toMatchObject({ code: 'unauthenticated' });
    const other = await newKey(caller);
    await authenticateBearer(replica, other.token);
    expect(remembered(cache, other.token)).toBeUndefined();
    await expect.poll(() => feed.isLive, { timeout: 5_000 }).toBe(true);
    expect(remembered(cache, token)).toBeUndefined();
    await authenticateBearer(replica, other.token);
    expect(remembered(cache, other.token)).toBeDefined();
  });

  test('ends with the credential', async () => {
    const { credentials } = suite.context;
    const caller = await suite.newCaller();
    credentials.remember('short', caller, credentials.version, new Date(Date.now() + 30));
    expect(credentials.find('short')).toBe(caller);
    await expect.poll(() => credentials.find('short')).toBeUndefined();
  });

  test('has a limit: the oldest goes first', async () => {
    const { credentials } = suite.context;
    const caller = await suite.newCaller();
    for (let i = 0; i <= 10_000; i++) credentials.remember(`key ${i}`, caller, credentials.version, null);
    expect(credentials.find('key 0')).toBeUndefined();
    expect(credentials.find('key 10000')).toBe(caller);
    credentials.forgetUser(caller.userId);
  });
});

describe('when credentials were used', () => {
  test('is kept until it could be written', async () => {
    const { key } = await newKey(await suite.newCaller());
    const usage = new CredentialUsage(suite.store, silentLog);
    usage.start();
    const { sessionId } = await suite.startSession(key.user_id, 'cookie');
    const began = (await findSession(suite.store, sessionId))?.last_seen_at;
    usage.note({ keyId: key.id, sessionId: null });
    usage.note({ keyId: null, sessionId });
    await sql`alter table api_keys rename to api_keys_away`.execute(suite.store);
    await usage.flush();
    await sql`alter table api_keys_away rename to api_keys`.execute(suite.store);
    expect((await findApiKey(suite.store, key.id))?.last_used_at).toBeNull();
    await usage.stop();
    expect((await findApiKey(suite.store, key.id))?.last_used_at).toBeInstanceOf(Date);
    const seen = (await findSession(suite.store, sessionId))?.last_seen_at;
    expect(seen?.getTime()).toBeGreaterThan(began?.getTime() ?? 0);
  });
});
