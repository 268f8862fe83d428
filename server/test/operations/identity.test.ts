import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../src/domain/caller.ts';
import { newApiToken } from '../../src/kernel/token.ts';
import { createApiKey } from '../../src/operations/api-key/create.ts';
import { listApiKeys } from '../../src/operations/api-key/list.ts';
import { revokeApiKey } from '../../src/operations/api-key/revoke.ts';
import type { Context } from '../../src/operations/context.ts';
import { authenticate, authenticateBearer } from '../../src/operations/identity/authenticate.ts';
import { login } from '../../src/operations/identity/login.ts';
import { signSession } from '../../src/operations/identity/session-token.ts';
import { findApiKey } from '../../src/store/api-keys.ts';
import { notifyUserChanged } from '../../src/store/changes.ts';
import { revokeSessionsOf } from '../../src/store/sessions.ts';
import { setUserActive } from '../../src/store/users.ts';
import { rowsOf } from '../store/support/store-suite.ts';
import { codesOf, ORIGIN, operationSuite } from './support/operation-suite.ts';

const suite = operationSuite();

async function newKey(caller: Caller, door: 'key' | 'token' = 'token', expiresAt: Date | null = null) {
  const input = { door, name: 'for a test', expiresAt, scopes: null };
  return createApiKey.invoke(suite.context, { caller, origin: ORIGIN, input });
}

function revoke(caller: Caller, id: number, context: Context = suite.context): Promise<void> {
  return revokeApiKey.invoke(context, { caller, origin: ORIGIN, input: { id } });
}

function showing(authorization: string | undefined) {
  return { authorization, proxyEmail: undefined, sessionCookie: undefined };
}

/** The caller's id, or why the credential is refused. */
async function whoIs(token: string, context: Context = suite.context): Promise<number | string> {
  return authenticateBearer(context, token).then(
    ({ userId }) => userId,
    ({ details }) => details.reason,
  );
}

describe('signing in', () => {
  test('answers a session for the right password, in any case of the name', async () => {
    const caller = await suite.newCaller({ password: 'correct horse' });
    const input = {
      username: caller.username.toUpperCase(),
      password: 'correct horse',
      carrier: 'bearer' as const,
    };
    const session = await login(suite.context, ORIGIN, input);
    expect(session.expiresInSeconds).toBe(86_400);
    expect(await whoIs(session.secret)).toBe(caller.userId);
  });

  test('does not tell an unknown name from a wrong password', async () => {
    const { username } = await suite.newCaller({ password: 'correct horse' });
    const noPassword = await suite.newCaller();
    const tries = [
      { username, password: 'wrong' },
      { username: 'nobody at all', password: 'correct horse' },
      { username: noPassword.username, password: '' },
      { username: 'nul\0', password: 'correct horse' },
    ].map((input) => login(suite.context, ORIGIN, { ...input, carrier: 'bearer' }));
    expect(new Set(await codesOf(tries))).toEqual(new Set(['login.wrong']));
  });

  test('an inactive account is told only to who knows its password', async () => {
    const { username, userId } = await suite.newCaller({ password: 'correct horse' });
    await setUserActive(suite.store, userId, false);
    const tries = ['correct horse', 'wrong'].map((password) =>
      login(suite.context, ORIGIN, { username, password, carrier: 'bearer' }),
    );
    expect(await codesOf(tries)).toEqual(['login.disabled', 'login.wrong']);
  });

  test('is written down, but what may be a password in the wrong field is not', async () => {
    const { username, userId } = await suite.newCaller({ password: 'correct horse' });
    await login(suite.context, ORIGIN, { username, password: 'correct horse', carrier: 'bearer' });
    await codesOf([login(suite.context, ORIGIN, { username, password: 'wr0ng-horse', carrier: 'bearer' })]);
    await codesOf([
      login(suite.context, ORIGIN, { username: 'my-p4ssword', password: 'x', carrier: 'bearer' }),
    ]);
    const rows = await rowsOf(
      suite.store,
      sql`select outcome from audit where actor_id = ${userId} order by id`,
    );
    expect(rows).toEqual([{ outcome: 'done' }, { outcome: 'failed' }]);
    const everything = JSON.stringify(await rowsOf(suite.store, sql`select to_jsonb(a) as row from audit a`));
    expect(everything).toContain('"unknown"');
    expect(everything).not.toMatch(/my-p4ssword|wr0ng-horse|correct horse/);
  });
});

describe('the credential of a request', () => {
  test.each([
    [undefined, 'missing'],
    ['', 'missing'],
    ['Basic YWRhOmFkYQ==', 'missing'],
    ['Bearer', 'missing'],
    ['Bearer ', 'missing'],
    ['Bearer a b', 'missing'],
    ['Bearer swordfish', 'invalid-session'],
    [`Bearer ${newApiToken('ora_')}`, 'invalid-api-token'],
    [`Bearer ${newApiToken('sk_live_')}`, 'invalid-api-token'],
    ['Bearer ora_short', 'invalid-api-token'],
  ])('%j is refused as %s', async (header, reason) => {
    await expect(authenticate(suite.context, showing(header))).rejects.toMatchObject({
      code: 'unauthenticated',
      details: { reason },
    });
  });

  test('the scheme may be written in any case', async () => {
    const caller = await suite.newCaller();
    const { token, key } = await newKey(caller);
    const found = await authenticate(suite.context, showing(`bEARER   ${token} `));
    expect(found).toEqual({ ...caller, keyId: key.id });
  });

  test('a session ends when it is revoked, by a new password, and with its account', async () => {
    const caller = await suite.newCaller();
    const { secret } = await suite.startSession(caller.userId, 'bearer');
    expect(await whoIs(secret)).toBe(caller.userId);
    await revokeSessionsOf(suite.store, caller.userId);
    await notifyUserChanged(suite.store, caller.userId);
    await expect.poll(() => whoIs(secret)).toBe('invalid-session');
    const other = await suite.newCaller();
    const theirs = await suite.startSession(other.userId, 'bearer');
    await setUserActive(suite.store, other.userId, false);
    expect(await whoIs(theirs.secret)).toBe('session-user-inactive');
  });

  test('a JWT of ours that names no session of its user is none', async () => {
    const [ada, bob] = [await suite.newCaller(), await suite.newCaller()];
    const { sessionId } = await suite.startSession(ada.userId, 'bearer');
    const cookie = await suite.startSession(ada.userId, 'cookie');
    const expiresAt = new Date(Date.now() + 60_000);
    const jwts = await Promise.all(
      [
        { id: sessionId, userId: bob.userId },
        { id: randomUUID(), userId: ada.userId },
        { id: cookie.sessionId, userId: ada.userId },
      ].map((session) => signSession(suite.context.jwtKey, { ...session, expiresAt })),
    );
    expect(await Promise.all(jwts.map((jwt) => whoIs(jwt)))).toEqual(Array(3).fill('invalid-session'));
  });

  test('of a key ends with its expiry, also while it is remembered', async () => {
    const caller = await suite.newCaller();
    const { token } = await newKey(caller, 'key', new Date(Date.now() + 700));
    expect(await whoIs(token)).toBe(caller.userId);
    await expect.poll(() => whoIs(token)).toBe('invalid-api-token');
  });
});

describe('API keys', () => {
  test('work at once, are stored as a digest only, and show where they came from', async () => {
    const caller = await suite.newCaller();
    const [key, token] = [await newKey(caller, 'key'), await newKey(caller, 'token')];
    expect(key.token).toMatch(/^sk_live_/);
    expect(token.token).toMatch(/^ora_/);
    expect(key.token.startsWith(key.key.prefix)).toBe(true);
    expect(key.key.prefix).toHaveLength('sk_live_'.length + 6);
    expect([await whoIs(key.token), await whoIs(token.token)]).toEqual([caller.userId, caller.userId]);
    const stored = JSON.stringify([
      await rowsOf(suite.store, sql`select to_jsonb(k) as row from api_keys k`),
      await rowsOf(suite.store, sql`select to_jsonb(a) as row from audit a`),
    ]);
    expect(stored).not.toContain(key.token.slice(-20));
    const input = undefined;
    const list = await listApiKeys.invoke(suite.context, { caller, origin: ORIGIN, input });
    expect(list.map(({ id }) => id)).toEqual([token.key.id, key.key.id]);
  });

  test('are revoked by their owner or an administrator; nobody else finds them', async () => {
    const [owner, stranger] = [await suite.newCaller(), await suite.newCaller()];
    const admin = await suite.newCaller({ isAdmin: true });
    const [one, other] = [await newKey(owner), await newKey(owner)];
    expect(await codesOf([revoke(stranger, one.key.id), revoke(stranger, 99_999_999)])).toEqual([
      'api-key.not-found',
      'api-key.not-found',
    ]);
    expect(await whoIs(one.token)).toBe(owner.userId);
    expect(await codesOf([revoke(owner, one.key.id), revoke(admin, other.key.id)])).toEqual(['done', 'done']);
    expect(await codesOf([revoke(owner, one.key.id)])).toEqual(['done']);
    expect([await whoIs(one.token), await whoIs(other.token)]).toEqual([
      'invalid-api-token',
      'invalid-api-token',
    ]);
  });

  test('of an account that was deactivated say so', async () => {
    const caller = await suite.newCaller();
    const { token } = await newKey(caller);
    await setUserActive(suite.store, caller.userId, false);
    expect(await whoIs(token)).toBe('api-token-user-inactive');
  });

  test('note when they were used, without a write for each request', async () => {
    const caller = await suite.newCaller();
    const { token, key } = await newKey(caller);
    await whoIs(token);
    await whoIs(token);
    expect((await findApiKey(suite.store, key.id))?.last_used_at).toBeNull();
    await suite.context.usage.flush();
    const first = (await findApiKey(suite.store, key.id))?.last_used_at;
    expect(first).toBeInstanceOf(Date);
    // Remembered or not, a use counts.
    await whoIs(token);
    await suite.context.usage.flush();
    const second = (await findApiKey(suite.store, key.id))?.last_used_at;
    expect(second?.getTime()).toBeGreaterThan(first?.getTime() ?? Number.POSITIVE_INFINITY);
  });
});
