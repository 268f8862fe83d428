import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../src/domain/caller.ts';
import { getUser } from '../../src/operations/user/get.ts';
import { listUsers } from '../../src/operations/user/list.ts';
import { listUserTokens } from '../../src/operations/user/list-tokens.ts';
import { revokeUserToken } from '../../src/operations/user/revoke-token.ts';
import { setUserActive } from '../../src/store/users.ts';
import { newName, rowsOf } from '../store/support/store-suite.ts';
import { codesOf, ORIGIN, operationSuite } from './support/operation-suite.ts';
import { userSteps } from './support/user-steps.ts';

const suite = operationSuite();
const { admin, create, update, deactivate, get, newToken, whoIs } = userSteps(suite);

/** Makes everybody else an ordinary user, does something, and gives `admin` their role back. */
async function asOnlyAdmins<T>(ids: readonly number[], work: () => Promise<T>): Promise<T> {
  const setRole = (isAdmin: boolean) =>
    suite.store.updateTable('users').set({ is_admin: isAdmin }).where('id', '=', admin().userId).execute();
  const others = await rowsOf<{ id: number }>(
    suite.store,
    sql`update users set is_admin = false where is_admin and id <> all(${[...ids]}) returning id`,
  );
  try {
    expect(others.map(({ id }) => id)).toContain(admin().userId);
    return await work();
  } finally {
    await setRole(true);
  }
}

describe('the last active administrator', () => {
  test('stays one', async () => {
    await setUserActive(suite.store, (await create({ isAdmin: true })).id, false);
    const last = await create({ isAdmin: true });
    const codes = await asOnlyAdmins([last.id], () =>
      codesOf([
        update(last.id, { isAdmin: false }),
        update(last.id, { isActive: false }),
        update(last.id, { isAdmin: false, isActive: false, username: newName('gone') }),
        deactivate(last.id),
        update(last.id, { isAdmin: true, isActive: true, perSecond: 5 }),
      ]),
    );
    const refused = Array.from({ length: 4 }, () => 'user.last-admin');
    expect(codes).toEqual([...refused, 'done']);
    expect(await get(last.id)).toMatchObject({ username: last.username, isAdmin: true, isActive: true });
  });

  test('is any of them, and a shut out one may be demoted', async () => {
    const [one, other] = [await create({ isAdmin: true }), await create({ isAdmin: true })];
    await setUserActive(suite.store, other.id, false);
    const codes = await asOnlyAdmins([one.id, other.id], () =>
      codesOf([update(other.id, { isAdmin: false })]),
    );
    expect(codes).toEqual(['done']);
  });

  test('is left when two demote or deactivate each other', async () => {
    for (const attack of [(id: number) => update(id, { isAdmin: false }), (id: number) => deactivate(id)]) {
      const [one, other] = [await create({ isAdmin: true }), await create({ isAdmin: true })];
      const codes = await asOnlyAdmins([one.id, other.id], () =>
        codesOf([attack(one.id), attack(other.id)] as Promise<unknown>[]),
      );
      expect([...codes].sort()).toEqual(['done', 'user.last-admin']);
    }
  });

  test('may go when there is another one', async () => {
    const [one, other] = [await create({ isAdmin: true }), await create({ isAdmin: true })];
    const self = (await whoIs((await suite.startSession(one.id, 'bearer')).secret)) as Caller;
    const codes = await asOnlyAdmins([one.id, other.id], () =>
      codesOf([update(one.id, { isAdmin: false }, self)]),
    );
    expect(codes).toEqual(['done']);
  });
});

describe('tokens of a user', () => {
  const listOf = (id: number) =>
    listUserTokens.invoke(suite.context, { caller: admin(), origin: ORIGIN, input: { user: { id } } });
  const revoke = (userId: number, id: number | null) => {
    const input = { user: { id: userId }, id };
    return revokeUserToken.invoke(suite.context, { caller: admin(), origin: ORIGIN, input });
  };

  test('are listed and revoked, that user’s only', async () => {
    const [owner, other] = [await suite.newCaller(), await suite.newCaller()];
    const [one, two] = [await newToken(owner), await newToken(owner, ['read'])];
    expect(await whoIs(one.token)).toMatchObject({ userId: owner.userId });
    expect((await listOf(owner.userId)).map(({ id }) => id)).toEqual([two.key.id, one.key.id]);
    expect(await listOf(other.userId)).toEqual([]);
    const codes = await codesOf([
      revoke(other.userId, one.key.id),
      revoke(owner.userId, null),
      revoke(owner.userId, 2_147_483_647),
      revoke(999_999_999, one.key.id),
      listOf(999_999_999),
      revoke(owner.userId, one.key.id),
      revoke(owner.userId, one.key.id),
    ]);
    expect(codes).toEqual([
      'api-key.not-found',
      'api-key.not-found',
      'api-key.not-found',
      'user.not-found',
      'user.not-found',
      'done',
      'done',
    ]);
    expect(await whoIs(one.token)).toBe('invalid-api-token');
    expect(await whoIs(two.token)).toMatchObject({ userId: owner.userId });
  });
});

describe('who is no administrator', () => {
  test('may nothing of this, and neither may an administrator’s key without that scope', async () => {
    const member = await suite.newCaller();
    const limited = { ...admin(), keyId: 1, sessionId: null, scopes: ['write'] as const };
    const attempts = (caller: Caller) => {
      const on = { caller, origin: ORIGIN };
      const user = { id: member.userId };
      return codesOf([
        create({}, caller),
        update(member.userId, { isAdmin: true }, caller),
        deactivate(member.userId, caller),
        getUser.invoke(suite.context, { ...on, input: { user } }),
        listUsers.invoke(suite.context, { ...on, input: { isActive: null, limit: 1, offset: 0 } }),
        listUserTokens.invoke(suite.context, { ...on, input: { user } }),
        revokeUserToken.invoke(suite.context, { ...on, input: { user, id: 1 } }),
      ]);
    };
    for (const caller of [member, limited]) {
      expect(new Set(await attempts(caller))).toEqual(new Set(['forbidden.admin']));
    }
    expect(new Set(await attempts({ ...limited, scopes: ['database:admin'] }))).toEqual(
      new Set(['forbidden.scope']),
    );
    expect((await create({}, { ...limited, scopes: ['user:admin'] })).isActive).toBe(true);
  });
});
