import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { SignInProvider } from '../../src/domain/sign-in-provider.ts';
import type { Context } from '../../src/operations/context.ts';
import { authenticate } from '../../src/operations/identity/authenticate.ts';
import { changePassword } from '../../src/operations/identity/change-password.ts';
import { login } from '../../src/operations/identity/login.ts';
import { logout } from '../../src/operations/identity/logout.ts';
import { startSession } from '../../src/operations/identity/start-session.ts';
import { listSessions } from '../../src/operations/session/list.ts';
import { revokeOwnSession, revokeSession } from '../../src/operations/session/revoke.ts';
import { revokeOtherSessions } from '../../src/operations/session/revoke-others.ts';
import { purgeEndedSignIns } from '../../src/store/retention.ts';
import { findSession } from '../../src/store/sessions.ts';
import { rowsOf } from '../store/support/store-suite.ts';
import { codesOf, ORIGIN, operationSuite } from './support/operation-suite.ts';

const suite = operationSuite();
const PAGE = { limit: 50, offset: 0 };

function byCookie(sessionCookie: string, context: Context = suite.context) {
  return authenticate(context, { authorization: undefined, proxyEmail: undefined, sessionCookie });
}

function byBearer(token: string, context: Context = suite.context) {
  const authorization = `Bearer ${token}`;
  return authenticate(context, { authorization, proxyEmail: undefined, sessionCookie: undefined });
}

function reasonOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'known',
    ({ details }) => details.reason,
  );
}

describe('a session of a browser', () => {
  test('knows its user, counts as sent without asking, and is stored as a digest only', async () => {
    const { userId } = await suite.newCaller();
    const { secret, sessionId } = await suite.startSession(userId, 'cookie');
    expect(await byCookie(secret)).toMatchObject({ userId, sessionId, keyId: null, isAmbient: true });
    const [row] = await rowsOf(
      suite.store,
      sql`select to_jsonb(s)::text as text from sessions s where id = ${sessionId}`,
    );
    expect(JSON.stringify(row)).not.toContain(secret);
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  });

  test('ends when nobody used it, and at its end however much it was used', async () => {
    const { userId } = await suite.newCaller();
    const [idle, old, fresh] = await Promise.all([1, 2, 3].map(() => suite.startSession(userId, 'cookie')));
    await sql`update sessions set last_seen_at = now() - interval '61 minutes' where id = ${idle?.sessionId}`.execute(
      suite.store,
    );
    await sql`update sessions set expires_at = now() where id = ${old?.sessionId}`.execute(suite.store);
    expect(await reasonOf(byCookie(idle?.secret ?? ''))).toBe('invalid-session');
    expect(await reasonOf(byCookie(old?.secret ?? ''))).toBe('invalid-session');
    expect(await reasonOf(byCookie(fresh?.secret ?? ''))).toBe('known');
    const { caller } = { caller: await byCookie(fresh?.secret ?? '') };
    const { sessions, total } = await listSessions.invoke(suite.context, {
      caller,
      origin: ORIGIN,
      input: PAGE,
    });
    expect([sessions.map(({ id }) => id), total]).toEqual([[fresh?.sessionId], 1]);
  });

  test('is used when it is used: looking moves the idle time', async () => {
    const { userId } = await suite.newCaller();
    const { secret, sessionId } = await suite.startSession(userId, 'cookie');
    await sql`update sessions set last_seen_at = now() - interval '59 minutes' where id = ${sessionId}`.execute(
      suite.store,
    );
    await byCookie(secret);
    await suite.context.usage.flush();
    const seen = (await findSession(suite.store, sessionId))?.last_seen_at.getTime() ?? 0;
    expect(Date.now() - seen).toBeLessThan(60_000);
  });

  test('is no bearer, and a bearer is no cookie', async () => {
    const { userId } = await suite.newCaller();
    const cookie = await suite.startSession(userId, 'cookie');
    const bearer = await suite.startSession(userId, 'bearer');
    expect(await reasonOf(byBearer(cookie.secret))).toBe('invalid-session');
    expect(await reasonOf(byCookie(bearer.secret))).toBe('invalid-session');
  });

  test('is a new one at each sign-in, and the one before it ends', async () => {
    const { username } = await suite.newCaller({ password: 'correct horse' });
    const input = { username, password: 'correct horse', carrier: 'cookie' as const };
    const first = await login(suite.context, ORIGIN, input);
    await byCookie(first.secret);
    const second = await login(suite.context, ORIGIN, { ...input, earlierSession: first.secret });
    expect(second.secret).not.toBe(first.secret);
    expect(await reasonOf(byCookie(first.secret))).toBe('invalid-session');
    expect(await reasonOf(byCookie(second.secret))).toBe('known');
  });
});

describe('the credentials of one request', () => {
  test('an Authorization header decides alone, then the proxy, then the cookie', async () => {
    const { userId } = await suite.newCaller();
    const { secret } = await suite.startSession(userId, 'cookie');
    const all = { authorization: 'Bearer nonsense', proxyEmail: 'eve@example.org', sessionCookie: secret };
    expect(await reasonOf(authenticate(suite.context, all))).toBe('invalid-session');
    const vouched = await authenticate(suite.context, { ...all, authorization: undefined });
    expect(vouched).toMatchObject({
      email: 'eve@example.org',
      username: 'eve',
      sessionId: null,
      isAmbient: true,
    });
    const bare = { authorization: undefined, proxyEmail: undefined, sessionCookie: secret };
    expect((await authenticate(suite.context, bare)).userId).toBe(userId);
  });

  test('an address that a proxy names gets one account, also when many ask at once', async () => {
    const presented = { authorization: undefined, proxyEmail: 'new@example.org', sessionCookie: undefined };
    const callers = await Promise.all(
      Array.from({ length: 10 }, () => authenticate(suite.context, presented)),
    );
    expect(new Set(callers.map(({ userId }) => userId)).size).toBe(1);
    expect(callers[0]?.isAdmin).toBe(false);
  });
});

describe('ending sessions', () => {
  test('takes effect at once, here and on another replica', async () => {
    const replica = await suite.openReplica();
    const caller = await suite.newCaller();
    const { secret, sessionId } = await suite.startSession(caller.userId, 'cookie');
    await byCookie(secret);
    await byCookie(secret, replica);
    await revokeSession.invoke(suite.context, { caller, origin: ORIGIN, input: { id: sessionId } });
    expect(await reasonOf(byCookie(secret))).toBe('invalid-session');
    await expect.poll(() => reasonOf(byCookie(secret, replica)), { timeout: 1_000 }).toBe('invalid-session');
    // Quiet when repeated.
    await revokeSession.invoke(suite.context, { caller, origin: ORIGIN, input: { id: sessionId } });
  });

  test('is for their owner and administrators; a foreign one does not exist', async () => {
    const [ada, eve] = [await suite.newCaller(), await suite.newCaller()];
    const admin = await suite.newCaller({ isAdmin: true });
    const { sessionId: id } = await suite.startSession(ada.userId, 'bearer');
    const tries = [eve, admin].map((caller) =>
      revokeSession.invoke(suite.context, { caller, origin: ORIGIN, input: { id } }),
    );
    expect(await codesOf(tries)).toEqual(['session.not-found', 'done']);
  });

  test('all but the one that asks; API keys and other people stay', async () => {
    const { userId } = await suite.newCaller();
    const [mine, ...others] = await Promise.all([1, 2, 3].map(() => suite.startSession(userId, 'bearer')));
    const caller = await byBearer(mine?.secret ?? '');
    const count = await revokeOtherSessions.invoke(suite.context, {
      caller,
      origin: ORIGIN,
      input: undefined,
    });
    expect(count).toBe(2);
    expect(await reasonOf(byBearer(mine?.secret ?? ''))).toBe('known');
    for (const { secret } of others) expect(await reasonOf(byBearer(secret))).toBe('invalid-session');
    await revokeOwnSession.invoke(suite.context, { caller, origin: ORIGIN, input: undefined });
    expect(await reasonOf(byBearer(mine?.secret ?? ''))).toBe('invalid-session');
    const keyCaller = { ...caller, sessionId: null, keyId: 1 };
    const byKey = revokeOwnSession.invoke(suite.context, {
      caller: keyCaller,
      origin: ORIGIN,
      input: undefined,
    });
    expect(await codesOf([byKey])).toEqual(['session.none']);
  });

  test('by signing out says where to go, and is quiet without a session', async () => {
    const { userId } = await suite.newCaller();
    const { secret } = await suite.startSession(userId, 'cookie');
    expect(await logout(suite.context, ORIGIN, secret)).toEqual({ location: '/' });
    expect(await reasonOf(byCookie(secret))).toBe('invalid-session');
    const elsewhere = { ...suite.context, postLogoutUrl: 'https://example.org/bye' };
    expect(await logout(elsewhere, ORIGIN, secret)).toEqual({ location: 'https://example.org/bye' });
    expect(await logout(suite.context, ORIGIN, undefined)).toEqual({ location: '/' });
  });
});

describe('a new password of one’s own', () => {
  test('needs the old one, ends every session and starts a new one', async () => {
    const { userId, username } = await suite.newCaller({ password: 'correct horse' });
    const old = await suite.startSession(userId, 'bearer');
    const caller = await byBearer(old.secret);
    const change = (currentPassword: string) =>
      changePassword.invoke(suite.context, {
        caller,
        origin: ORIGIN,
        input: { currentPassword, newPassword: 'battery staple', carrier: 'bearer' },
      });
    expect(await codesOf([change('wrong')])).toEqual(['password.wrong']);
    expect(await reasonOf(byBearer(old.secret))).toBe('known');
    const renewed = await change('correct horse');
    expect(await reasonOf(byBearer(old.secret))).toBe('invalid-session');
    expect(await reasonOf(byBearer(renewed.secret))).toBe('known');
    const signIns = ['correct horse', 'battery staple'].map((password) =>
      login(suite.context, ORIGIN, { username, password, carrier: 'bearer' }),
    );
    expect(await codesOf(signIns)).toEqual(['login.wrong', 'done']);
  });

  test('is nothing for an account that signs in elsewhere', async () => {
    const caller = await suite.newCaller();
    const input = { currentPassword: 'x', newPassword: 'battery staple', carrier: 'bearer' as const };
    const change = changePassword.invoke(suite.context, { caller, origin: ORIGIN, input });
    expect(await codesOf([change])).toEqual(['password.none']);
  });
});

describe('signing out', () => {
  test('with the cookie of a session that has ended leaves no trace', async () => {
    const { userId } = await suite.newCaller();
    const { secret } = await suite.startSession(userId, 'cookie');
    for (let count = 0; count < 3; count++) await logout(suite.context, ORIGIN, secret);
    const entries = sql`select id from audit where actor_id = ${userId} and action = 'identity.logout'`;
    expect(await rowsOf(suite.store, entries)).toHaveLength(1);
  });

  test('works when the provider’s token was sealed by a key that is gone', async () => {
    const provider = { name: 'sso', endSessionUrl: async () => 'https://id.example.org/end' };
    const context = { ...suite.context, providers: [provider as unknown as SignInProvider] };
    const { userId } = await suite.newCaller();
    const [good, lost] = await Promise.all(
      [1, 2].map(() =>
        startSession(context, suite.store, userId, {
          carrier: 'cookie',
          method: 'oidc:sso',
          origin: ORIGIN,
          idToken: 'an id token',
        }),
      ),
    );
    const noise = Buffer.alloc(120, 7);
    await sql`update sessions set id_token = ${noise} where id = ${lost?.sessionId}`.execute(suite.store);
    expect(await logout(context, ORIGIN, good?.secret)).toEqual({ location: 'https://id.example.org/end' });
    expect(await logout(context, ORIGIN, lost?.secret)).toEqual({ location: '/' });
  });
});

test('what ended is removed after a while, what lives stays', async () => {
  const { userId } = await suite.newCaller();
  const [live, ended, revoked] = await Promise.all(
    [1, 2, 3].map(async () => (await suite.startSession(userId, 'cookie')).sessionId),
  );
  await sql`update sessions set expires_at = now() - interval '8 days' where id = ${ended}`.execute(
    suite.store,
  );
  await sql`update sessions set revoked_at = now() - interval '8 days' where id = ${revoked}`.execute(
    suite.store,
  );
  await purgeEndedSignIns(suite.store);
  const left = await rowsOf(suite.store, sql`select id from sessions where user_id = ${userId}`);
  expect(left).toEqual([{ id: live }]);
});
