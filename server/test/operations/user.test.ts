import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../src/domain/caller.ts';
import { login } from '../../src/operations/identity/login.ts';
import type { RequestedChange } from '../../src/operations/user/change.ts';
import type { CreateUserInput } from '../../src/operations/user/create.ts';
import { getUser } from '../../src/operations/user/get.ts';
import { listUsers } from '../../src/operations/user/list.ts';
import { newName, rowsOf } from '../store/support/store-suite.ts';
import { codesOf, ORIGIN, operationSuite } from './support/operation-suite.ts';
import { userSteps } from './support/user-steps.ts';

const suite = operationSuite();
const { admin, create, update, deactivate, get, newToken, whoIs } = userSteps(suite);

describe('a user', () => {
  test('is created with the limits of the role, and can sign in at once', async () => {
    const [one, boss] = [await create(), await create({ isAdmin: true })];
    expect(one).toMatchObject({ isActive: true, isAdmin: false, limits: { perSecond: 10, burst: 20 } });
    expect(boss).toMatchObject({ isAdmin: true, limits: { perSecond: 100, burst: 200 } });
    const stated = await create({ isAdmin: true, perSecond: 7 });
    expect(stated.limits).toEqual({ perSecond: 7, burst: 200 });
    const input = { username: one.username, password: 'correct horse', carrier: 'bearer' as const };
    const { secret } = await login(suite.context, ORIGIN, input);
    expect(await whoIs(secret)).toMatchObject({ userId: one.id, isAdmin: false });
    expect(await get(one.id)).toEqual(one);
  });

  test('is found by the UUID that other surfaces show, and by no other id', async () => {
    const { userId, userUuid } = await suite.newCaller();
    const find = (user: { id: number } | { uuid: string }) =>
      getUser.invoke(suite.context, { caller: admin(), origin: ORIGIN, input: { user } });
    expect((await find({ uuid: userUuid })).id).toBe(userId);
    const unknown = [
      find({ uuid: '00000000-0000-4000-8000-000000000000' }),
      find({ id: 2_147_483_647 }),
      find({ id: 2_147_483_648 }),
      find({ id: Number.MAX_SAFE_INTEGER }),
      update(999_999_999, { password: 'correct horse' }),
      deactivate(999_999_999),
    ];
    expect(new Set(await codesOf(unknown))).toEqual(new Set(['user.not-found']));
  });

  test('has a name and an address that nobody else has, in any case', async () => {
    const taken = await create();
    const [name, address] = [taken.username.toUpperCase(), taken.email?.toUpperCase() ?? ''];
    const other = await create();
    const codes = await codesOf([
      create({ username: name }),
      create({ email: address }),
      update(other.id, { username: name }),
      update(other.id, { email: address }),
      update(other.id, { username: name, email: 'free@example.org' }),
      update(taken.id, { username: name, email: address }),
    ]);
    expect(codes).toEqual([
      'user.taken',
      'user.taken',
      'user.username-taken',
      'user.email-taken',
      'user.username-taken',
      'done',
    ]);
    expect(await get(other.id)).toEqual(other);
  });

  test('wanted by twenty at once is made once', async () => {
    const username = newName('wanted');
    const work = Array.from({ length: 20 }, (_, i) => create({ username, email: `${i}@example.net` }));
    const codes = await codesOf(work);
    expect([...codes].sort()).toEqual(['done', ...Array.from({ length: 19 }, () => 'user.taken')]);
    const people = await Promise.all(Array.from({ length: 8 }, () => create()));
    const email = 'one-for-all@example.net';
    const changes = await codesOf(people.map(({ id }) => update(id, { email })));
    expect([...changes].sort()).toEqual(['done', ...Array.from({ length: 7 }, () => 'user.email-taken')]);
  });

  test('is listed newest first', async () => {
    const made = [await create(), await create(), await create()];
    await deactivate(made[1]?.id ?? 0);
    const list = (isActive: boolean | null, limit: number, offset = 0) => {
      const input = { isActive, limit, offset };
      return listUsers.invoke(suite.context, { caller: admin(), origin: ORIGIN, input });
    };
    const [first, active] = [await list(null, 3), await list(true, 2)];
    expect(first.users.map(({ id }) => id)).toEqual([made[2]?.id, made[1]?.id, made[0]?.id]);
    expect(active.users.map(({ id }) => id)).toEqual([made[2]?.id, made[0]?.id]);
    expect(active.total).toBeLessThan(first.total);
    expect((await list(null, 1, 1)).users.map(({ id }) => id)).toEqual([made[1]?.id]);
  });
});

describe('a change', () => {
  test('of nothing writes nothing', async () => {
    const user = await create();
    expect(await update(user.id, {})).toEqual(user);
    const same = { username: user.username, isAdmin: false, isActive: true, perSecond: 10 };
    expect(await update(user.id, same)).toEqual(user);
    const rows = await rowsOf(
      suite.store,
      sql`select action from audit where target_kind = 'user' and target_id = ${String(user.id)}`,
    );
    expect(rows).toEqual([{ action: 'user.create' }]);
  });

  test('of role moves the limits that were the role’s, unless they are stated', async () => {
    const limitsAfter = async (fields: Partial<CreateUserInput>, change: Partial<RequestedChange>) => {
      const { id } = await create(fields);
      const { perSecond, burst } = (await update(id, change)).limits;
      return [perSecond, burst];
    };
    expect(await limitsAfter({}, { isAdmin: true })).toEqual([100, 200]);
    expect(await limitsAfter({ isAdmin: true }, { isAdmin: false })).toEqual([10, 20]);
    expect(await limitsAfter({ perSecond: 7 }, { isAdmin: true })).toEqual([7, 200]);
    expect(await limitsAfter({}, { isAdmin: true, burst: 20 })).toEqual([100, 20]);
    expect(await limitsAfter({}, { isAdmin: false, burst: 33 })).toEqual([10, 33]);
  });

  test('holds for the next request, on every replica', async () => {
    const { id } = await create({ isAdmin: true });
    const replica = await suite.openReplica();
    const { secret } = await suite.startSession(id, 'bearer');
    for (const context of [suite.context, replica])
      expect(await whoIs(secret, context)).toMatchObject({ isAdmin: true });
    await update(id, { isAdmin: false, perSecond: 3, username: newName('renamed') });
    const after = await whoIs(secret);
    expect(after).toMatchObject({ isAdmin: false, rateLimitPerSecond: 3 });
    await expect.poll(() => whoIs(secret, replica)).toEqual(after);
  });

  test('of password ends the sessions, and leaves the tokens', async () => {
    const { id, username } = await create();
    const sessions = [await suite.startSession(id, 'bearer'), await suite.startSession(id, 'bearer')];
    const caller = (await whoIs(sessions[0]?.secret ?? '')) as Caller;
    const { token } = await newToken(caller);
    await update(id, { password: 'another horse' });
    for (const { secret } of sessions) expect(await whoIs(secret)).toBe('invalid-session');
    expect(await whoIs(token)).toMatchObject({ userId: id });
    const tries = ['correct horse', 'another horse'].map((password) =>
      login(suite.context, ORIGIN, { username, password, carrier: 'bearer' }),
    );
    expect(await codesOf(tries)).toEqual(['login.wrong', 'done']);
    const written = JSON.stringify(await rowsOf(suite.store, sql`select to_jsonb(a) as row from audit a`));
    expect(written).toContain('"password":"changed"');
    expect(written).not.toMatch(/another horse|argon2/);
  });

  test('that deactivates shuts out at once, and is quiet when repeated', async () => {
    const { id } = await create();
    const { secret } = await suite.startSession(id, 'bearer');
    const { token } = await newToken((await whoIs(secret)) as Caller);
    await deactivate(id);
    expect([await whoIs(secret), await whoIs(token)]).toEqual([
      'session-user-inactive',
      'api-token-user-inactive',
    ]);
    const before = await get(id);
    await deactivate(id);
    expect(await get(id)).toEqual(before);
    expect((await update(id, { isActive: true })).isActive).toBe(true);
    // Sessions ended for good; a token is the user's own thing and lives as long as they may.
    expect(await whoIs(secret)).toBe('invalid-session');
    expect(await whoIs(token)).toMatchObject({ userId: id });
  });
});
