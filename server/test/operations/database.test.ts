import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../src/domain/caller.ts';
import { CLUSTER_ID } from '../../src/domain/cluster.ts';
import { databasePhase } from '../../src/domain/database.ts';
import { Fault } from '../../src/kernel/fault.ts';
import { auditDatabase } from '../../src/operations/database/audit.ts';
import { deleteDatabase } from '../../src/operations/database/delete.ts';
import { getDatabase } from '../../src/operations/database/get.ts';
import { listDatabases } from '../../src/operations/database/list.ts';
import { purgeDatabase } from '../../src/operations/database/purge.ts';
import { undeleteDatabase } from '../../src/operations/database/undelete.ts';
import { waitUntilSettled } from '../../src/operations/settlement.ts';
import { findResource } from '../../src/store/resources.ts';
import { Gate } from '../reconcile/support/world.ts';
import { getRow, newName, newResource, rowsOf } from '../store/support/store-suite.ts';
import { codesOf, type DatabaseOperation, ORIGIN, operationSuite, stuck } from './support/operation-suite.ts';

const suite = operationSuite();

describe('create', () => {
  test('answers when the database can be used; row, audit and event tell of it', async () => {
    const caller = await suite.newCaller();
    const database = await suite.createDatabase(caller, ' Corner-Shop ');
    expect(database).toMatchObject({ name: 'corner-shop', ownerId: caller.userId, generation: 1 });
    expect(databasePhase(database)).toBe('active');
    expect(suite.world.things.get(database.id)).toEqual({ name: 'corner-shop', mark: '50', open: true });
    const entries = await suite.on(auditDatabase, caller, database.id);
    expect(entries).toMatchObject([
      {
        actor: caller.username,
        actor_id: caller.userId,
        credential: 'proxy',
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
    const codes = await codesOf(callers.map((caller) => suite.createDatabase(caller, name)));
    expect(codes.filter((code) => code === 'done')).toHaveLength(1);
    expect(codes.filter((code) => code === 'database.name-taken')).toHaveLength(19);
  });

  test('of many names at once, all are made', async () => {
    const callers = await Promise.all(Array.from({ length: 12 }, () => suite.newCaller()));
    expect(new Set(await codesOf(callers.map((caller) => suite.createDatabase(caller))))).toEqual(
      new Set(['done']),
    );
  });

  test('that fails leaves nothing, and the name is free', async () => {
    const caller = await suite.newCaller();
    const name = newName('shop');
    const things = suite.world.things.size;
    suite.world.before('open', stuck);
    await expect(suite.createDatabase(caller, name)).rejects.toMatchObject({
      code: 'database.provisioning-failed',
      message: 'the door is stuck',
    });
    expect(suite.world.things.size).toBe(things);
    const rows = await rowsOf(suite.store, sql`select 1 from resources where name = ${name}`);
    expect(rows).toEqual([]);
    suite.world.mend();
    expect(databasePhase(await suite.createDatabase(caller, name))).toBe('active');
  });

  test('a name that the cluster has already is told as taken', async () => {
    suite.world.before('make', () => {
      throw new Fault('database.name-taken', 'somebody else has it');
    });
    const name = newName('shop');
    await expect(suite.createDatabase(await suite.newCaller(), name)).rejects.toMatchObject({
      code: 'database.name-taken',
      details: { name },
    });
  });

  test('names that break the rules, or that nobody can have', async () => {
    const caller = await suite.newCaller();
    const codes = await codesOf(
      ['Pg_x', 'a', 'replication', 'all', 'by_spare_123456789abc'].map((name) =>
        suite.createDatabase(caller, name),
      ),
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
    const codes = await codesOf(Array.from({ length: 6 }, () => suite.createDatabase(caller)));
    expect(codes.filter((code) => code === 'done')).toHaveLength(3);
    expect(codes.filter((code) => code === 'quota.reached')).toHaveLength(3);
    const admin = await suite.newCaller({ isAdmin: true });
    expect(new Set(await codesOf(Array.from({ length: 5 }, () => suite.createDatabase(admin))))).toEqual(
      new Set(['done']),
    );
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
      await expect(suite.createDatabase(await suite.newCaller())).rejects.toMatchObject({
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
    const { id } = await newResource(suite.store, { awaitedBy: 'test' });
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
    const { id, name } = await suite.createDatabase(owner);
    const attempts = [getDatabase, deleteDatabase, undeleteDatabase, purgeDatabase, auditDatabase].flatMap(
      (operation: DatabaseOperation<unknown>) =>
        [id, CLUSTER_ID].map((target) => suite.on(operation, stranger, target, name)),
    );
    expect(new Set(await codesOf(attempts))).toEqual(new Set(['database.not-found']));
    expect((await suite.on(getDatabase, admin, id)).id).toBe(id);
    expect((await suite.on(getDatabase, owner, id)).id).toBe(id);
    const list = async (caller: Caller, scope: 'own' | 'all') => {
      const input = { scope, limit: 100, offset: 0 };
      const page = await listDatabases.invoke(suite.context, { caller, origin: ORIGIN, input });
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
    await expect(suite.on(getDatabase, admin, id)).rejects.toMatchObject({ code: 'database.not-found' });
  });
});
