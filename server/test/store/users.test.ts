import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Scope } from '../../src/domain/scope.ts';
import { newApiToken, tokenDigest } from '../../src/kernel/token.ts';
import {
  findApiKey,
  findApiKeyByDigest,
  insertApiKey,
  listApiKeys,
  revokeApiKey,
  touchApiKeys,
} from '../../src/store/api-keys.ts';
import { isUniqueViolation } from '../../src/store/postgres-error.ts';
import {
  findUser,
  findUserByName,
  findUserByUuid,
  hasOtherActiveAdmin,
  hasUsers,
  insertUser,
  listUserPage,
  listUsers,
  type NewUser,
  setUserActive,
  setUserPassword,
  takenPartOf,
  updateUser,
} from '../../src/store/users.ts';
import { newName, newUser, storeSuite } from './support/store-suite.ts';

const suite = storeSuite();

async function isTaken(work: Promise<unknown>): Promise<boolean> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return isUniqueViolation(error);
}

async function newKey(userId: number, scopes: readonly Scope[] | null = null) {
  const token = newApiToken('ora_');
  const key = await insertApiKey(suite.store, {
    userId,
    door: 'token',
    name: 'for a test',
    prefix: token.slice(0, 10),
    digest: tokenDigest(token),
    scopes,
    expiresAt: null,
  });
  return { token, key };
}

describe('users', () => {
  test('names and addresses are unique without regard to case', async () => {
    expect(await hasUsers(suite.store)).toBe(false);
    const ada = await newUser(suite.store, { username: 'Ada', email: 'Ada@Example.org' });
    expect(await hasUsers(suite.store)).toBe(true);
    expect(await isTaken(newUser(suite.store, { username: 'ADA' }))).toBe(true);
    expect(await isTaken(newUser(suite.store, { email: 'ada@example.ORG' }))).toBe(true);
    expect((await findUserByName(suite.store, 'aDa'))?.id).toBe(ada.id);
    expect(await findUserByName(suite.store, 'ad')).toBeUndefined();
    expect(await findUserByName(suite.store, 'A%')).toBeUndefined();
  });

  test('two without an address do not get in each other’s way', async () => {
    const [one, other] = await Promise.all([newUser(suite.store), newUser(suite.store)]);
    expect(await listUsers(suite.store, [one.id, other.id])).toHaveLength(2);
    expect(one.uuid).not.toBe(other.uuid);
  });

  test('of twenty who want one name at once, one gets it', async () => {
    const username = newName('wanted');
    const results = await Promise.all(
      Array.from({ length: 20 }, () => isTaken(newUser(suite.store, { username }))),
    );
    expect(results.filter((taken) => !taken)).toHaveLength(1);
  });

  test('limits below one are refused by the table itself', async () => {
    const fields = { username: newName(), email: null, passwordHash: null, isAdmin: false };
    await expect(
      insertUser(suite.store, { ...fields, rateLimitPerSecond: 0, rateLimitBurst: 1 }),
    ).rejects.toMatchObject({ code: '23514' });
  });

  test('a changed one is somebody else to nobody', async () => {
    const user = await newUser(suite.store);
    await setUserPassword(suite.store, user.id, 'hash');
    await setUserActive(suite.store, user.id, false);
    const changed = await updateUser(suite.store, user.id, { is_admin: true });
    expect(changed).toEqual({
      ...user,
      password_hash: 'hash',
      is_active: false,
      is_admin: true,
      updated_at: changed.updated_at,
    });
    expect(changed.updated_at.getTime()).toBeGreaterThanOrEqual(user.updated_at.getTime());
    expect(await findUser(suite.store, user.id)).toEqual(changed);
    expect(await findUserByUuid(suite.store, user.uuid.toUpperCase())).toEqual(changed);
    expect(await findUserByUuid(suite.store, randomUUID())).toBeUndefined();
  });

  test('are listed newest first, page by page, with the number of all that match', async () => {
    const [one, two, three] = [
      await newUser(suite.store),
      await newUser(suite.store),
      await newUser(suite.store),
    ];
    await setUserActive(suite.store, two.id, false);
    const page = async (isActive: boolean | null, limit: number, offset: number) => {
      const { users, total } = await listUserPage(suite.store, { isActive, limit, offset });
      return { ids: users.map(({ id }) => id), total };
    };
    const { total } = await page(null, 1, 0);
    expect(await page(null, 3, 0)).toEqual({ ids: [three.id, two.id, one.id], total });
    expect(await page(null, 1, 1)).toEqual({ ids: [two.id], total });
    expect((await page(true, 2, 0)).ids).toEqual([three.id, one.id]);
    const inactive = await page(false, 100, 0);
    expect(inactive.ids[0]).toBe(two.id);
    expect(inactive.total).toBe(inactive.ids.length);
    expect(await page(null, 100, Number.MAX_SAFE_INTEGER)).toEqual({ ids: [], total });
  });

  test('what is taken is told by its name', async () => {
    const { username } = await newUser(suite.store, { username: newName(), email: 'taken@example.org' });
    const partOf = (user: Partial<NewUser>) =>
      newUser(suite.store, user).then(
        () => 'free',
        (error: unknown) => takenPartOf(error),
      );
    expect(await partOf({ username: username.toUpperCase() })).toBe('username');
    expect(await partOf({ email: 'TAKEN@example.org' })).toBe('email');
    expect(await partOf({ rateLimitBurst: 0 })).toBeUndefined();
    expect(await partOf({})).toBe('free');
  });

  test('while one asks who else administrates, nobody else can', async () => {
    const [one, other] = [
      await newUser(suite.store, { isAdmin: true }),
      await newUser(suite.store, { isAdmin: true }),
    ];
    const demote = (id: number) =>
      suite.store.transaction().execute(async (db) => {
        if (await hasOtherActiveAdmin(db, id)) await updateUser(db, id, { is_admin: false });
      });
    await Promise.all([demote(one.id), demote(other.id), demote(one.id), demote(other.id)]);
    const after = [await findUser(suite.store, one.id), await findUser(suite.store, other.id)];
    expect(after.filter((user) => user?.is_admin)).toHaveLength(1);
  });

  test('is found by its name in any case that Postgres knows, beyond ASCII too', async () => {
    for (const username of [`${newName('ΝΙΚΟΣ')}Σ`, `İ${newName('bo')}`, `ÄÖ${newName('ß')}`]) {
      const { id } = await newUser(suite.store, { username });
      expect((await findUserByName(suite.store, username))?.id).toBe(id);
    }
  });
});

describe('API keys', () => {
  test('are found by their digest, with their user', async () => {
    const user = await newUser(suite.store);
    const { token, key } = await newKey(user.id);
    const found = await findApiKeyByDigest(suite.store, tokenDigest(token));
    expect([found?.key.id, found?.user.id]).toEqual([key.id, user.id]);
    expect(await findApiKeyByDigest(suite.store, tokenDigest(`${token}x`))).toBeUndefined();
  });

  test('keep their scopes; null is not none', async () => {
    const user = await newUser(suite.store);
    const limited = await newKey(user.id, ['read', 'database:write']);
    const unlimited = await newKey(user.id);
    expect((await findApiKey(suite.store, limited.key.id))?.scopes).toEqual(['read', 'database:write']);
    expect((await findApiKey(suite.store, unlimited.key.id))?.scopes).toBeNull();
  });

  test('are listed newest first, revoked ones too, each user’s own', async () => {
    const [user, other] = [await newUser(suite.store), await newUser(suite.store)];
    const first = await newKey(user.id);
    await newKey(other.id);
    const second = await newKey(user.id);
    await revokeApiKey(suite.store, first.key.id);
    const list = await listApiKeys(suite.store, user.id);
    expect(list.map(({ id, revoked_at }) => [id, revoked_at !== null])).toEqual([
      [second.key.id, false],
      [first.key.id, true],
    ]);
  });

  test('a second revocation leaves the time of the first', async () => {
    const { key } = await newKey((await newUser(suite.store)).id);
    await revokeApiKey(suite.store, key.id);
    const revokedAt = (await findApiKey(suite.store, key.id))?.revoked_at;
    expect(revokedAt).toBeInstanceOf(Date);
    await revokeApiKey(suite.store, key.id);
    expect((await findApiKey(suite.store, key.id))?.revoked_at).toEqual(revokedAt);
  });

  test('last use moves forward only, for many keys at once', async () => {
    const user = await newUser(suite.store);
    const [one, other] = [(await newKey(user.id)).key.id, (await newKey(user.id)).key.id];
    const [early, late] = [new Date('2026-01-02T03:04:05Z'), new Date('2026-01-02T03:04:06Z')];
    const used = async () => (await listApiKeys(suite.store, user.id)).map((key) => key.last_used_at);
    await touchApiKeys(suite.store, new Map());
    expect(await used()).toEqual([null, null]);
    await touchApiKeys(
      suite.store,
      new Map([
        [one, late],
        [other, early],
      ]),
    );
    await touchApiKeys(
      suite.store,
      new Map([
        [one, early],
        [other, late],
      ]),
    );
    expect(await used()).toEqual([late, late]);
  });
});
