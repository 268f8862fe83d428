import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../src/domain/caller.ts';
import { CLUSTER_ID } from '../../src/domain/cluster.ts';
import { type Database, databasePhase } from '../../src/domain/database.ts';
import { Fault } from '../../src/kernel/fault.ts';
import { auditDatabase } from '../../src/operations/database/audit.ts';
import { createDatabase } from '../../src/operations/database/create.ts';
import { deleteDatabase } from '../../src/operations/database/delete.ts';
import { getDatabase } from '../../src/operations/database/get.ts';
import { listDatabases } from '../../src/operations/database/list.ts';
import { purgeDatabase } from '../../src/operations/database/purge.ts';
import { undeleteDatabase } from '../../src/operations/database/undelete.ts';
import { waitUntilSettled } from '../../src/operations/settlement.ts';
import { findResource } from '../../src/store/resources.ts';
import { Gate } from '../reconcile/support/world.ts';
import { getRow, newName, newResource, rowsOf } from '../store/support/store-suite.ts';
import { ORIGIN, operationSuite } from './support/operation-suite.ts';

const suite = operationSuite();

function create(caller: Caller, name = newName('shop')): Promise<Database> {
  return createDatabase.invoke(suite.context, { caller, origin: ORIGIN, input: { name } });
}

/** One of the operations that name a database. */
function on<Output>(
  operation: {
    invoke(
      context: typeof suite.context,
      invocation: { caller: Caller; origin: typeof ORIGIN; input: { databaseId: string; confirm: string } },
    ): Promise<Output>;
  },
  caller: Caller,
  databaseId: string,
  confirm = '',
): Promise<Output> {
  return operation.invoke(suite.context, { caller, origin: ORIGIN, input: { databaseId, confirm } });
}

function stuck(): never {
  throw new Fault('world.stuck', 'the door is stuck');
}

async function codesOf(work: readonly Promise<unknown>[]): Promise<string[]> {
  const results = await Promise.allSettled(work);
  return results.map((result) => (result.status === 'fulfilled' ? 'done' : result.reason.code));
}

describe('create', () => {
  test('answers when the database can be used; row, audit and event tell of it', async () => {
    const caller = await suite.newCaller();
    const database = await create(caller, ' Corner-Shop ');
    expect(database).toMatchObject({ name: 'corner-shop', ownerId: caller.userId, generation: 1 });
    expect(databasePhase(database)).toBe('active');
    expect(suite.world.things.get(database.id)).toEqual({ name: 'corner-shop', mark: '50', open: true });
    const entries = await on(auditDatabase, caller, database.id);
    expect(entries).toMatchObject([
      {
        actor: caller.username,
        actor_id: caller.userId,
        credential: 'session',
        action: 'database.create',
        target_name: 'corner-shop',
        request_id: ORIGIN.requestId,
        address: ORIGIN.address,
        outcome: 'accepted',
      },
    ]);
  });

  test('of twenty who ask for one name at once, one gets it and nineteen hear that it is taken', async () => {
    const callers = await Promise.all(Array.from({ length: 20 }, () => suite.newCaller()));
    const name = newName('wanted');
    const codes = await codesOf(callers.map((caller) => create(caller, name)));
    expect(codes.filter((code) => code === 'done')).toHaveLength(1);
    expect(codes.filter((code) => code === 'database.name-taken')).toHaveLength(19);
  });

  test('of many names at once, all are made', async () => {
    const callers = await Promise.all(Array.from({ length: 12 }, () => suite.newCaller()));
    expect(new Set(await codesOf(callers.map((caller) => create(caller))))).toEqual(new Set(['done']));
  });

  test('that fails leaves nothing, and the name is free', async () => {
    const caller = await suite.newCaller();
    const name = newName('shop');
    const things = suite.world.things.size;
    suite.world.before('open', stuck);
    await expect(create(caller, name)).rejects.toMatchObject({
      code: 'database.provisioning-failed',
      message: 'the door is stuck',
    });
    expect(suite.world.things.size).toBe(things);
    const rows = await rowsOf(suite.store, sql`select 1 from resources where name = ${name}`);
    expect(rows).toEqual([]);
    suite.world.mend();
    expect(databasePhase(await create(caller, name))).toBe('active');
  });

  test('a name that the cluster has already is told as taken', async () => {
    suite.world.before('make', () => {
      throw new Fault('database.name-taken', 'somebody else has it');
    });
    const name = newName('shop');
    await expect(create(await suite.newCaller(), name)).rejects.toMatchObject({
      code: 'database.name-taken',
      details: { name },
    });
  });

  test('names that break the rules, or that nobody can have', async () => {
    const caller = await suite.newCaller();
    const codes = await codesOf(
      ['Pg_x', 'a', 'replication', 'all', 'by_spare_123456789abc'].map((name) => create(caller, name)),
    );
    expect(codes).toEqual([
      'database.name-invalid',
      'database.name-invalid',
      'database.name-taken',
      'database.name-taken',
      'database.name-taken',
    ]);
  });

  test('a quota holds against parallel creations; administrators have none', async () => {
    const caller = await suite.newCaller();
    const codes = await codesOf(Array.from({ length: 6 }, () => create(caller)));
    expect(codes.filter((code) => code === 'done')).toHaveLength(3);
    expect(codes.filter((code) => code === 'quota.reached')).toHaveLength(3);
    const admin = await suite.newCaller({ isAdmin: true });
    expect(new Set(await codesOf(Array.from({ length: 5 }, () => create(admin))))).toEqual(new Set(['done']));
  });

  test('says what to set where nothing can be provisioned', async () => {
    const condition = {
      type: 'Ready',
      status: 'false',
      reason: 'cluster.unusable',
      message: 'set PG_ADMIN_DSN',
    };
    const { conditions } = await getRow(suite.store, CLUSTER_ID);
    const put = (value: unknown) =>
      sql`update resources set conditions = ${JSON.stringify(value)} where id = ${CLUSTER_ID}`.execute(
        suite.store,
      );
    await put([condition]);
    try {
      await expect(create(await suite.newCaller())).rejects.toMatchObject({
        code: 'provisioning.not-configured',
        message: 'set PG_ADMIN_DSN',
      });
    } finally {
      await put(conditions);
    }
  });
});

describe('an answer that came too late', () => {
  test('gives the change up: what was not acknowledged does not come true afterwards', async () => {
    const gate = new Gate();
    suite.world.before('open', gate.wait);
    const { id } = await newResource(suite.store, { awaitedBy: 'test', deadlineMs: 50 });
    suite.reconciler.wake(id);
    await gate.reached;
    const change = { id, kind: 'database', generation: 1 } as const;
    await expect(waitUntilSettled(suite.context, change, 50)).rejects.toMatchObject({
      code: 'settlement.failed',
      details: { reason: 'deadline.exceeded' },
    });
    suite.world.mend();
    gate.open();
    await expect.poll(() => findResource(suite.store, 'database', id)).toBeUndefined();
    expect(suite.world.things.has(id)).toBe(false);
  });

  test('leaves alone what only goes forward', async () => {
    const gate = new Gate();
    suite.world.before('open', gate.wait);
    const { id } = await newResource(suite.store);
    suite.reconciler.wake(id);
    await gate.reached;
    const change = { id, kind: 'database', generation: 1 } as const;
    await expect(waitUntilSettled(suite.context, change, 50)).rejects.toMatchObject({
      code: 'settlement.failed',
    });
    gate.open();
    await expect.poll(async () => (await getRow(suite.store, id)).observed_generation).toBe(1);
  });
});

describe('who may see a database', () => {
  test('its owner and administrators; to others it is as absent as one that never was', async () => {
    const [owner, stranger] = [await suite.newCaller(), await suite.newCaller()];
    const admin = await suite.newCaller({ isAdmin: true });
    const { id, name } = await create(owner);
    for (const operation of [getDatabase, deleteDatabase, undeleteDatabase, purgeDatabase, auditDatabase]) {
      const codes = await codesOf([
        on(operation, stranger, id, name),
        on(operation, stranger, CLUSTER_ID, name),
      ]);
      expect(codes, operation.name).toEqual(['database.not-found', 'database.not-found']);
    }
    expect((await on(getDatabase, admin, id)).id).toBe(id);
    expect((await on(getDatabase, owner, id)).id).toBe(id);
    const list = async (caller: Caller, scope: 'own' | 'all') => {
      const input = { scope, limit: 100, offset: 0 };
      const page = await listDatabases.invoke(suite.context, { caller, input });
      return page.databases.some((database) => database.id === id);
    };
    expect([
      await list(owner, 'own'),
      await list(stranger, 'all'),
      await list(admin, 'own'),
      await list(admin, 'all'),
    ]).toEqual([true, false, false, true]);
  });

  test('a spare is nobody’s to see, not even an administrator’s', async () => {
    const admin = await suite.newCaller({ isAdmin: true });
    const { id } = await newResource(suite.store, { ownerId: null });
    await expect(on(getDatabase, admin, id)).rejects.toMatchObject({ code: 'database.not-found' });
  });
});

describe('soft deletion', () => {
  test('closes, keeps, and can be taken back', async () => {
    const caller = await suite.newCaller();
    const { id } = await create(caller);
    const { database, already } = await on(deleteDatabase, caller, id);
    expect([databasePhase(database), already]).toEqual(['soft_deleted', false]);
    expect(suite.world.things.get(id)?.open).toBe(false);
    const { deletedAt, purgeAfter } = database.spec;
    expect(Date.parse(purgeAfter ?? '') - Date.parse(deletedAt ?? '')).toBe(7 * 86_400_000);
    const again = await on(deleteDatabase, caller, id);
    expect(again).toMatchObject({ already: true, database: { generation: database.generation } });
    expect(again.database.spec).toEqual(database.spec);
    const back = await on(undeleteDatabase, caller, id);
    expect([databasePhase(back), back.spec.deletedAt]).toEqual(['active', null]);
    expect(suite.world.things.get(id)?.open).toBe(true);
    await expect(on(undeleteDatabase, caller, id)).rejects.toMatchObject({
      code: 'database.not-deleted',
      details: { phase: 'active' },
    });
  });

  test('of two at once, one wins', async () => {
    const caller = await suite.newCaller();
    const { id } = await create(caller);
    const gate = new Gate();
    suite.world.before('close', gate.wait);
    const first = on(deleteDatabase, caller, id);
    await gate.reached;
    await expect(on(deleteDatabase, caller, id)).rejects.toMatchObject({ code: 'database.deleting' });
    gate.open();
    expect((await first).already).toBe(false);
  });

  test('that fails at a step is carried on, never reopened', async () => {
    const caller = await suite.newCaller();
    const { id } = await create(caller);
    suite.world.before('close', stuck);
    const deleting = on(deleteDatabase, caller, id);
    await expect.poll(async () => (await getRow(suite.store, id)).attempts).toBe(1);
    expect(databasePhase(await on(getDatabase, caller, id))).toBe('deleting');
    suite.world.mend();
    expect(databasePhase((await deleting).database)).toBe('soft_deleted');
  });

  test('soft-deleted ones do not count against the quota, but there are at most as many again', async () => {
    const caller = await suite.newCaller();
    for (let round = 0; round < 2; round++) {
      const ids: string[] = [];
      for (let i = 0; i < 3; i++) ids.push((await create(caller)).id);
      if (round === 0) for (const id of ids) await on(deleteDatabase, caller, id);
    }
    await expect(create(caller)).rejects.toMatchObject({ code: 'quota.reached' });
    const listed = await listDatabases.invoke(suite.context, {
      caller,
      input: { scope: 'own', limit: null, offset: 0 },
    });
    const deleted = listed.databases.find((database) => databasePhase(database) === 'soft_deleted');
    await expect(on(undeleteDatabase, caller, deleted?.id ?? '')).rejects.toMatchObject({
      code: 'quota.reached',
      message: 'Database quota reached (3 of 3)',
    });
  });

  test('a purge needs the name and a soft-deleted database; then nothing is left', async () => {
    const caller = await suite.newCaller();
    const { id, name } = await create(caller);
    await expect(on(purgeDatabase, caller, id, name)).rejects.toMatchObject({
      code: 'database.not-deleted',
    });
    await on(deleteDatabase, caller, id);
    await expect(on(purgeDatabase, caller, id, `${name}x`)).rejects.toMatchObject({
      code: 'database.confirmation',
    });
    expect(databasePhase(await on(purgeDatabase, caller, id, name))).toBe('deleting');
    await expect(on(getDatabase, caller, id)).rejects.toMatchObject({ code: 'database.not-found' });
    await expect.poll(() => findResource(suite.store, 'database', id)).toBeUndefined();
    expect(suite.world.things.has(id)).toBe(false);
    expect(databasePhase(await create(caller, name))).toBe('active');
    const audit = sql<{ action: string }>`select action from audit where target_id = ${id} order by id`;
    expect((await rowsOf(suite.store, audit)).map(({ action }) => action)).toEqual([
      'database.create',
      'database.delete',
      'database.purge',
    ]);
  });
});
