import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { CLUSTER_ID } from '../../src/domain/cluster.ts';
import { ensureCluster, recoverEarlierRun } from '../../src/reconcile/recover.ts';
import { findResource, insertResource } from '../../src/store/resources.ts';
import { purgeExpiredDatabases } from '../../src/store/retention.ts';
import {
  countWaiting,
  cutConnections,
  eventNames,
  getRow,
  newResource,
  rowsOf,
  silentLog,
} from '../store/support/store-suite.ts';
import { reconcilerSuite, SPEC } from './support/reconciler-suite.ts';
import { Gate } from './support/world.ts';

const suite = reconcilerSuite();

function expireLeases(): Promise<unknown> {
  return sql`update leases set until = now() - interval '1 second'`.execute(suite.store);
}

describe('several reconcilers', () => {
  test('never act on one root at the same time, and leave none out', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 12; i++) ids.push((await newResource(suite.store)).id);
    // Each attempt takes a moment, so that two at one root would meet.
    suite.world.before('mark', () => new Promise((resolve) => setTimeout(resolve, 15)));
    await Promise.all([suite.start({ holder: 'one' }), suite.start({ holder: 'two' })]);
    for (let round = 2; round < 5; round++) {
      await Promise.all(ids.map((id) => suite.ask(id, 10 * round).then(() => suite.wake(id))));
      await Promise.all(ids.map((id) => suite.settled(id)));
    }
    expect(suite.world.crowd).toBe(1);
    expect(ids.map((id) => suite.world.things.get(id)?.mark)).toEqual(ids.map(() => '40'));
  });

  test('one takes over what another held too long, and the late result of that one counts nothing', async () => {
    const gate = new Gate();
    suite.world.before('open', gate.wait);
    const { id } = await newResource(suite.store);
    const slow = await suite.start({ holder: 'slow' });
    await gate.reached;
    suite.world.mend();
    await expireLeases();
    await suite.ask(id, 7);
    const heir = await suite.start({ holder: 'heir' });
    await suite.settled(id);
    const settled = await getRow(suite.store, id);
    gate.open();
    await slow.stop(2_000);
    await heir.stop(2_000);
    expect(await getRow(suite.store, id)).toEqual(settled);
    expect(settled).toMatchObject({ generation: 2, observed_generation: 2 });
    expect(await eventNames(suite.store, id)).toEqual(['database.settled']);
  });

  test('a living holder keeps its root, however often others look', async () => {
    const gate = new Gate();
    suite.world.before('open', gate.wait);
    await newResource(suite.store);
    await suite.start({ holder: 'one' });
    await gate.reached;
    const looks = suite.world.looks;
    const other = await suite.start({ holder: 'two' });
    // Work of its own shows that the other one looks around.
    const { id: free } = await newResource(suite.store, { kind: 'cluster' });
    other.wake(null);
    await expect.poll(() => suite.world.looks).toBeGreaterThan(looks);
    expect(suite.world.crowd).toBe(1);
    expect(await rowsOf(suite.store, sql`select holder from leases where root_id <> ${free}`)).toEqual([
      { holder: 'one' },
    ]);
    suite.world.mend();
    gate.open();
  });

  test('a process that starts again takes its own leases back at once', async () => {
    const { id } = await newResource(suite.store);
    await sql`
      update leases set holder = 'me', token = gen_random_uuid(), until = now() + interval '1 hour'
      where root_id = ${id}`.execute(suite.store);
    await suite.start({ holder: 'somebody else' });
    await expect.poll(() => suite.world.looks).toBe(0);
    await recoverEarlierRun(suite.store, 'me', silentLog);
    await suite.start({ holder: 'me' });
    expect((await suite.settled(id)).status).toMatchObject({ open: true });
  });

  test('the lease is given back after the work', async () => {
    const { id } = await newResource(suite.store);
    await suite.start();
    await suite.settled(id);
    await expect
      .poll(() => rowsOf(suite.store, sql`select holder, token from leases`))
      .toEqual([{ holder: null, token: null }]);
  });
});

describe('a reconciler that stops', () => {
  test('waits for what is under way, and takes nothing new', async () => {
    const gate = new Gate();
    suite.world.before('open', gate.wait);
    const { id } = await newResource(suite.store);
    const reconciler = await suite.start({ concurrency: 1 });
    await gate.reached;
    const next = await newResource(suite.store);
    let stopped = false;
    const stopping = reconciler.stop(5_000).then(() => {
      stopped = true;
    });
    reconciler.wake(next.id);
    expect(stopped).toBe(false);
    gate.open();
    await stopping;
    expect((await getRow(suite.store, id)).observed_generation).toBe(1);
    expect((await getRow(suite.store, next.id)).observed_generation).toBe(0);
    expect(suite.world.steps(next.id)).toEqual([]);
  });

  test('tells the work to stop after its grace, gives the lease back and blames nobody', async () => {
    const told = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    suite.world.before('open', (signal) => {
      signal.addEventListener('abort', () => told.resolve());
      reached.resolve();
      return told.promise.then(() => signal.throwIfAborted());
    });
    const { id } = await newResource(suite.store, { awaitedBy: 'test' });
    const reconciler = await suite.start();
    await reached.promise;
    await reconciler.stop(20);
    await told.promise;
    expect(await getRow(suite.store, id)).toMatchObject({ attempts: 0, conditions: [], desired: 'active' });
    expect(await rowsOf(suite.store, sql`select holder from leases`)).toEqual([{ holder: null }]);
  });

  test('stops at once when there is nothing to wait for, also twice', async () => {
    const reconciler = await suite.start();
    await reconciler.stop(60_000);
    await expect(reconciler.stop(60_000)).resolves.toBeUndefined();
  });
});

describe('while the feed is down', () => {
  test('the sweep finds the work', async () => {
    await suite.start({ holder: 'deaf' });
    expect(await cutConnections(suite.store, 'feed of deaf')).toBe(1);
    const { id } = await newResource(suite.store);
    expect((await suite.settled(id)).status).toMatchObject({ open: true });
  });
});

describe('soft deletion to the end', () => {
  test('what was kept long enough is dropped for good', async () => {
    const { id } = await newResource(suite.store);
    await suite.start();
    await suite.settled(id);
    const past = new Date(Date.now() - 1_000).toISOString();
    await suite.ask(id, 5, { desired: 'suspended', spec: { ...SPEC, deletedAt: past, purgeAfter: past } });
    await suite.wake(id);
    await suite.settled(id);
    expect(suite.world.things.get(id)?.open).toBe(false);
    expect(await purgeExpiredDatabases(suite.store)).toBe(1);
    await expect.poll(() => findResource(suite.store, 'database', id)).toBeUndefined();
    expect(suite.world.things.has(id)).toBe(false);
    expect((await eventNames(suite.store, id)).slice(-2)).toEqual(['database.purge', 'database.removed']);
  });
});

describe('the resource of the cluster', () => {
  test('is made once, also by two who start together', async () => {
    const made = Promise.withResolvers<void>();
    const commit = Promise.withResolvers<void>();
    const other = suite.store.transaction().execute(async (db) => {
      await insertResource(db, {
        id: CLUSTER_ID,
        kind: 'cluster',
        rootId: CLUSTER_ID,
        ownerId: null,
        name: 'default',
        spec: {},
        awaitedBy: null,
      });
      made.resolve();
      await commit.promise;
    });
    await made.promise;
    const ours = ensureCluster(suite.store);
    await expect.poll(() => countWaiting(suite.store)).toBe(1);
    commit.resolve();
    await other;
    await expect(ours).resolves.toBeUndefined();
    await ensureCluster(suite.store);
    expect(await rowsOf(suite.store, sql`select id from resources where kind = 'cluster'`)).toEqual([
      { id: CLUSTER_ID },
    ]);
  });
});
