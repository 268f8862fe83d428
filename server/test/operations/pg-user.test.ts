import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../src/domain/caller.ts';
import type { Database } from '../../src/domain/database.ts';
import { matchesScramVerifier } from '../../src/kernel/scram.ts';
import { createDatabase } from '../../src/operations/database/create.ts';
import { deleteDatabase } from '../../src/operations/database/delete.ts';
import { createPgUser, type PgUserWithPassword } from '../../src/operations/pg-user/create.ts';
import { deletePgUser } from '../../src/operations/pg-user/delete.ts';
import { listPgUsers } from '../../src/operations/pg-user/list.ts';
import { rotatePgUserPassword } from '../../src/operations/pg-user/rotate-password.ts';
import { findResource } from '../../src/store/resources.ts';
import { makeDue } from '../../src/store/work.ts';
import { Gate } from '../reconcile/support/world.ts';
import { countWaiting, newName, rowsOf } from '../store/support/store-suite.ts';
import { codesOf, ORIGIN, operationSuite, stuck } from './support/operation-suite.ts';

const suite = operationSuite();

async function ownedDatabase(): Promise<{ caller: Caller; database: Database }> {
  const caller = await suite.newCaller();
  const input = { name: newName('shop') };
  return { caller, database: await createDatabase.invoke(suite.context, { caller, origin: ORIGIN, input }) };
}

function create(caller: Caller, databaseId: string, username = 'ada'): Promise<PgUserWithPassword> {
  const input = { databaseId, username, permissionLevel: 'write' as const };
  return createPgUser.invoke(suite.context, { caller, origin: ORIGIN, input });
}

function rotate(caller: Caller, databaseId: string, pgUserId: string): Promise<PgUserWithPassword> {
  const input = { databaseId, pgUserId, terminateSessions: false };
  return rotatePgUserPassword.invoke(suite.context, { caller, origin: ORIGIN, input });
}

function remove(caller: Caller, databaseId: string, pgUserId: string): Promise<void> {
  return deletePgUser.invoke(suite.context, { caller, origin: ORIGIN, input: { databaseId, pgUserId } });
}

/** True when the world's login takes the password. */
function opensWith(pgUserId: string, password: string): Promise<boolean> {
  return matchesScramVerifier(password, suite.world.things.get(pgUserId)?.mark ?? '');
}

/** Everything that we store, as text. */
async function everythingStored(): Promise<string> {
  const tables = ['users', 'api_keys', 'resources', 'audit', 'events', 'secrets', 'leases'];
  const dumps = tables.map((table) =>
    rowsOf(suite.store, sql`select to_jsonb(t) as row from ${sql.table(table)} t`),
  );
  return JSON.stringify(await Promise.all(dumps));
}

describe('create', () => {
  test('hands out a password that works, and keeps it nowhere', async () => {
    const { caller, database } = await ownedDatabase();
    const { user, password } = await create(caller, database.id, ' ADA ');
    expect(user).toMatchObject({ name: 'ada', rootId: database.id, status: { login: 'ada' } });
    expect(await opensWith(user.id, password)).toBe(true);
    const stored = await everythingStored();
    expect(stored).toContain(user.id);
    expect(stored).not.toContain(password);
    expect(stored).not.toContain('SCRAM-SHA-256');
  });

  test('names are unique in a database, also against parallel ones, and free in the next', async () => {
    const [one, other] = [await ownedDatabase(), await ownedDatabase()];
    const codes = await codesOf([1, 2, 3, 4].map(() => create(one.caller, one.database.id)));
    expect(codes.sort()).toEqual(['done', 'pg-user.name-taken', 'pg-user.name-taken', 'pg-user.name-taken']);
    expect((await create(other.caller, other.database.id)).user.name).toBe('ada');
  });

  test('the quota holds against parallel creations', async () => {
    const { caller, database } = await ownedDatabase();
    const codes = await codesOf(
      ['ada', 'bob', 'cyd', 'dan'].map((name) => create(caller, database.id, name)),
    );
    expect(codes.sort()).toEqual(['done', 'done', 'quota.reached', 'quota.reached']);
  });

  test('rules come before the lookup, the lookup before the state', async () => {
    const { caller, database } = await ownedDatabase();
    const stranger = await suite.newCaller();
    await deleteDatabase.invoke(suite.context, {
      caller,
      origin: ORIGIN,
      input: { databaseId: database.id },
    });
    expect(
      await codesOf([
        create(stranger, database.id, 'pg_ada'),
        create(stranger, database.id),
        create(caller, database.id),
      ]),
    ).toEqual(['pg-user.name-invalid', 'pg-user.database-not-found', 'database.not-active']);
  });

  test('that fails leaves nothing, and the name is free', async () => {
    const { caller, database } = await ownedDatabase();
    suite.world.before('mark', stuck);
    await expect(create(caller, database.id)).rejects.toMatchObject({ code: 'pg-user.provisioning-failed' });
    const rows = sql`select 1 from resources where root_id = ${database.id} and kind = 'pg_user'`;
    expect(await rowsOf(suite.store, rows)).toEqual([]);
    suite.world.mend();
    expect((await create(caller, database.id)).user.name).toBe('ada');
  });
});

describe('rotate', () => {
  test('the old password fails and the new one works, again and again', async () => {
    const { caller, database } = await ownedDatabase();
    const { user, password: first } = await create(caller, database.id);
    const { password: second } = await rotate(caller, database.id, user.id);
    const { password: third } = await rotate(caller, database.id, user.id);
    expect(new Set([first, second, third]).size).toBe(3);
    expect(await Promise.all([first, second, third].map((text) => opensWith(user.id, text)))).toEqual([
      false,
      false,
      true,
    ]);
    const secrets = sql`select version from secrets where resource_id = ${user.id}`;
    expect((await rowsOf(suite.store, secrets)).length).toBeLessThanOrEqual(2);
  });

  test('that fails leaves the old password the valid one, and the next rotation works', async () => {
    const { caller, database } = await ownedDatabase();
    const { user, password } = await create(caller, database.id);
    let marks = 0;
    // Once the new verifier is there, but before anybody is told.
    suite.world.before(
      'observe',
      async () => {
        if (!(await opensWith(user.id, password)) && marks++ === 0) stuck();
      },
      user.id,
    );
    await expect(rotate(caller, database.id, user.id)).rejects.toMatchObject({
      code: 'pg-user.rotation-failed',
    });
    expect(marks).toBeGreaterThan(0);
    expect(await opensWith(user.id, password)).toBe(true);
    const { password: next } = await rotate(caller, database.id, user.id);
    expect(await opensWith(user.id, next)).toBe(true);
  });

  test('two at once both answer, and the later password is the one that works', async () => {
    const { caller, database } = await ownedDatabase();
    const { user } = await create(caller, database.id);
    const rotated = await Promise.all([
      rotate(caller, database.id, user.id),
      rotate(caller, database.id, user.id),
    ]);
    const works = await Promise.all(rotated.map(({ password }) => opensWith(user.id, password)));
    expect(works.filter(Boolean)).toHaveLength(1);
    const last = rotated.toSorted((a, b) => a.user.generation - b.user.generation)[1];
    expect(await opensWith(user.id, last?.password ?? '')).toBe(true);
  });

  test('ends sessions only when asked', async () => {
    const { caller, database } = await ownedDatabase();
    const { user } = await create(caller, database.id);
    expect((await rotate(caller, database.id, user.id)).user.spec.sessionsEndedBefore).toBeNull();
    const input = { databaseId: database.id, pgUserId: user.id, terminateSessions: true };
    const ended = await rotatePgUserPassword.invoke(suite.context, { caller, origin: ORIGIN, input });
    expect(Date.parse(ended.user.spec.sessionsEndedBefore ?? '')).toBeGreaterThan(Date.now() - 30_000);
  });

  test('checks the database, then the user, then that they belong together, then the state', async () => {
    const [one, foreign] = [await ownedDatabase(), await ownedDatabase()];
    const input = { name: newName('shop') };
    const second = await createDatabase.invoke(suite.context, { caller: one.caller, origin: ORIGIN, input });
    const { user } = await create(one.caller, one.database.id);
    const other = await create(foreign.caller, foreign.database.id);
    const nobody = '00000000-0000-4000-8000-0000000000ff';
    const codes = await codesOf([
      rotate(one.caller, foreign.database.id, user.id),
      rotate(one.caller, one.database.id, nobody),
      rotate(one.caller, one.database.id, other.user.id),
      rotate(one.caller, second.id, user.id),
    ]);
    expect(codes).toEqual([
      'pg-user.not-found',
      'pg-user.not-found',
      'pg-user.not-found',
      'pg-user.other-database',
    ]);
    const target = { databaseId: one.database.id };
    await deleteDatabase.invoke(suite.context, { caller: one.caller, origin: ORIGIN, input: target });
    await expect(rotate(one.caller, one.database.id, user.id)).rejects.toMatchObject({
      code: 'pg-user.not-active',
      details: { phase: 'deactivated_db_soft_deleted' },
    });
  });
});

describe('delete', () => {
  test('removes the login, its secret and its place in the list', async () => {
    const { caller, database } = await ownedDatabase();
    const { user } = await create(caller, database.id);
    await remove(caller, database.id, user.id);
    expect(suite.world.things.has(user.id)).toBe(false);
    const input = { databaseId: database.id };
    expect((await listPgUsers.invoke(suite.context, { caller, origin: ORIGIN, input })).users).toEqual([]);
    expect(await rowsOf(suite.store, sql`select 1 from secrets where resource_id = ${user.id}`)).toEqual([]);
    await expect(remove(caller, database.id, user.id)).rejects.toMatchObject({ code: 'pg-user.not-found' });
  });

  test('of two at once, one removes and the other finds nothing', async () => {
    const { caller, database } = await ownedDatabase();
    const { user } = await create(caller, database.id);
    const commit = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const blocker = suite.store.transaction().execute(async (db) => {
      await sql`select from resources where id = ${database.id} for update`.execute(db);
      locked.resolve();
      await commit.promise;
    });
    await locked.promise;
    const removals = codesOf([remove(caller, database.id, user.id), remove(caller, database.id, user.id)]);
    await expect.poll(() => countWaiting(suite.store)).toBe(2);
    commit.resolve();
    await blocker;
    expect((await removals).sort()).toEqual(['done', 'pg-user.not-found']);
    const audit = sql`select 1 from audit where target_id = ${user.id} and action = 'pg-user.delete'`;
    expect(await rowsOf(suite.store, audit)).toHaveLength(1);
  });

  test('is not blamed for the failure of an older change', async () => {
    const { caller, database } = await ownedDatabase();
    const { user } = await create(caller, database.id);
    const gate = new Gate();
    suite.world.before('mark', async () => {
      await gate.wait();
      stuck();
    });
    const rotating = codesOf([rotate(caller, database.id, user.id)]);
    await gate.reached;
    const removing = codesOf([remove(caller, database.id, user.id)]);
    const doomed = async () => (await findResource(suite.store, 'pg_user', user.id))?.desired;
    await expect.poll(doomed).toBe('absent');
    gate.open();
    expect(await removing).toEqual(['done']);
    expect(await rotating).toEqual(['pg-user.rotation-failed']);
    expect(suite.world.things.has(user.id)).toBe(false);
  });

  test('that fails says so and is carried on', async () => {
    const { caller, database } = await ownedDatabase();
    const { user } = await create(caller, database.id);
    suite.world.before('remove', stuck);
    await expect(remove(caller, database.id, user.id)).rejects.toMatchObject({
      code: 'pg-user.delete-failed',
    });
    suite.world.mend();
    await makeDue(suite.store, user.id);
    suite.reconciler.wake(database.id);
    await expect.poll(() => suite.world.things.has(user.id)).toBe(false);
    await expect.poll(() => findResource(suite.store, 'pg_user', user.id)).toBeUndefined();
  });
});
