import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import type { Condition } from '../../src/domain/resource.ts';
import type { StoredResource } from '../../src/store/resources.ts';
import {
  bringLooksForward,
  claimWork,
  extendLease,
  LEASE_MS,
  type Lease,
  listDue,
  postponeResource,
  releaseLease,
  releaseOwnLeases,
  removeResource,
  settleResource,
  takeFallback,
} from '../../src/store/work.ts';
import { getRow, newResource, rowsOf, storeSuite } from './support/store-suite.ts';

const suite = storeSuite();
// A claim takes whatever is due: nothing of an earlier test may be.
afterEach(() => sql`delete from resources`.execute(suite.store));

const ready: Condition = { type: 'Ready', status: 'true', reason: 'settled', message: '', at: '2026-01-02' };
const failed: Condition = { ...ready, status: 'false', reason: 'broken' };

async function claim(holder = 'one', rootId: string | null = null): Promise<Lease> {
  const lease = await claimWork(suite.store, holder, rootId);
  if (!lease) throw new Error('nothing was due');
  return lease;
}

/** What a holder that died leaves: its time is over, nothing else has changed. */
function expire(rootId: string): Promise<unknown> {
  return sql`update leases set until = now() - interval '1 millisecond' where root_id = ${rootId}`.execute(
    suite.store,
  );
}

function postponeBy(id: string, delayMs: number): Promise<unknown> {
  return sql`
    update resources set due_at = now() + ${delayMs} * interval '1 millisecond'
    where id = ${id}`.execute(suite.store);
}

describe('a claim', () => {
  test('takes a root that is due, for 30 seconds', async () => {
    const { id } = await newResource(suite.store);
    const lease = await claim();
    expect(lease.rootId).toBe(id);
    const [row] = await rowsOf(
      suite.store,
      sql`select holder, token, round(extract(epoch from until - now()))::int as left from leases`,
    );
    expect(row).toEqual({ holder: 'one', token: lease.token, left: LEASE_MS / 1000 });
  });

  test('finds nothing where nothing is due, or all is taken', async () => {
    expect(await claimWork(suite.store, 'one', null)).toBeUndefined();
    const { id } = await newResource(suite.store);
    await claim('one');
    expect(await claimWork(suite.store, 'two', null)).toBeUndefined();
    expect(await claimWork(suite.store, 'one', id)).toBeUndefined();
  });

  test('leaves alone what is due later', async () => {
    const { id } = await newResource(suite.store);
    await postponeBy(id, 60_000);
    expect(await claimWork(suite.store, 'one', null)).toBeUndefined();
    expect(await claimWork(suite.store, 'one', id)).toBeUndefined();
  });

  test('takes the root of a part that is due', async () => {
    const root = await newResource(suite.store);
    await postponeBy(root.id, 60_000);
    const part = await newResource(suite.store, { kind: 'pg_user', rootId: root.id });
    const lease = await claim();
    expect(lease.rootId).toBe(root.id);
    expect((await listDue(suite.store, root.id)).map(({ id }) => id)).toEqual([part.id]);
  });

  test('of many at once gives each root to one', async () => {
    await Promise.all(Array.from({ length: 10 }, () => newResource(suite.store)));
    const stores = [suite.store, suite.openStore()];
    const claims = Array.from({ length: 30 }, (_, i) =>
      claimWork(stores[i % 2] ?? suite.store, `holder ${i}`, null),
    );
    const taken = (await Promise.all(claims)).filter((lease) => lease !== undefined);
    const roots = taken.map(({ rootId }) => rootId);
    expect(new Set(roots).size).toBe(roots.length);
    // A claim that met another one may have found nothing; one more round gets the rest.
    for (let lease = await claimWork(suite.store, 'last', null); lease; ) {
      roots.push(lease.rootId);
      lease = await claimWork(suite.store, 'last', null);
    }
    expect(new Set(roots).size).toBe(10);
  });

  test('prefers what is to be deleted, then what has waited longest', async () => {
    const [young, old, doomed] = [
      await newResource(suite.store),
      await newResource(suite.store),
      await newResource(suite.store),
    ];
    await postponeBy(young.id, -1_000);
    await postponeBy(old.id, -60_000);
    await sql`update resources set desired = 'absent' where id = ${doomed.id}`.execute(suite.store);
    expect([await claim(), await claim(), await claim()].map(({ rootId }) => rootId)).toEqual([
      doomed.id,
      old.id,
      young.id,
    ]);
  });

  test('that names a root takes no other', async () => {
    await newResource(suite.store);
    const wanted = await newResource(suite.store);
    expect((await claim('one', wanted.id)).rootId).toBe(wanted.id);
  });
});

describe('a lease', () => {
  test('of a dead holder is taken over when its time is over, with another token', async () => {
    const { id } = await newResource(suite.store);
    const lost = await claim('dead');
    expect(await claimWork(suite.store, 'heir', null)).toBeUndefined();
    await expire(id);
    const lease = await claim('heir');
    expect(lease.rootId).toBe(id);
    expect(lease.token).not.toBe(lost.token);
    expect(await extendLease(suite.store, lost)).toBe(false);
    expect(await extendLease(suite.store, lease)).toBe(true);
  });

  test('that is extended outlives its first term', async () => {
    const { id } = await newResource(suite.store);
    const lease = await claim();
    await expire(id);
    expect(await extendLease(suite.store, lease)).toBe(true);
    expect(await claimWork(suite.store, 'two', null)).toBeUndefined();
  });

  test('is given back with word of what became due meanwhile', async () => {
    const root = await newResource(suite.store);
    await postponeBy(root.id, -1);
    const lease = await claim();
    await postponeBy(root.id, 60_000);
    expect(await releaseLease(suite.store, lease)).toBe(false);
    await postponeBy(root.id, -1);
    const again = await claim();
    expect(await releaseLease(suite.store, again)).toBe(true);
    expect((await claim('two')).rootId).toBe(root.id);
  });

  test('of an earlier run of the same holder is freed at once, and no other', async () => {
    const [mine, theirs] = [await newResource(suite.store), await newResource(suite.store)];
    await claim('me', mine.id);
    await claim('them', theirs.id);
    expect(await releaseOwnLeases(suite.store, 'me')).toBe(1);
    expect(await releaseOwnLeases(suite.store, 'me')).toBe(0);
    expect((await claim('me')).rootId).toBe(mine.id);
    expect(await claimWork(suite.store, 'me', theirs.id)).toBeUndefined();
  });
});

describe('the next looks', () => {
  test('are never further away than the interval that holds now; sooner ones stay', async () => {
    const [far, near] = [await newResource(suite.store), await newResource(suite.store)];
    await postponeBy(far.id, 3_600_000);
    await postponeBy(near.id, 5_000);
    const { due_at: soon } = await getRow(suite.store, near.id);
    await bringLooksForward(suite.store, 60_000);
    const late = await getRow(suite.store, far.id);
    expect(late.due_at.getTime() - Date.now()).toBeLessThanOrEqual(61_000);
    expect((await getRow(suite.store, near.id)).due_at).toEqual(soon);
  });
});

describe('a stale token', () => {
  /** A change that a caller waits for, claimed by one who was then presumed dead. */
  async function overtaken(): Promise<{ row: StoredResource; stale: Lease; fresh: Lease }> {
    const { id } = await newResource(suite.store, { awaitedBy: 'somebody' });
    const stale = await claim('dead');
    await expire(id);
    const fresh = await claim('heir');
    return { row: await getRow(suite.store, id), stale, fresh };
  }

  test('changes nothing, whatever it tries to write', async () => {
    const { row, stale, fresh } = await overtaken();
    const settlement = { generation: 1, status: { open: true }, condition: ready, nextLookMs: 60_000 };
    expect(await settleResource(suite.store, stale, row, settlement)).toBe(false);
    expect(await postponeResource(suite.store, stale, row, failed, 60_000)).toBe(false);
    expect(await takeFallback(suite.store, stale, row, failed)).toBe(false);
    expect(await releaseLease(suite.store, stale)).toBe(false);
    expect(await getRow(suite.store, row.id)).toEqual(row);
    expect(await extendLease(suite.store, fresh)).toBe(true);
    expect(await settleResource(suite.store, fresh, row, settlement)).toBe(true);
  });

  test('removes nothing either', async () => {
    const { row, stale, fresh } = await overtaken();
    await sql`update resources set desired = 'absent' where id = ${row.id}`.execute(suite.store);
    expect(await removeResource(suite.store, stale, row.id)).toBe(false);
    expect(await removeResource(suite.store, fresh, row.id)).toBe(true);
  });

  test('is what a lease that was given back has', async () => {
    const { row, fresh } = await overtaken();
    await releaseLease(suite.store, fresh);
    expect(await postponeResource(suite.store, fresh, row, failed, 60_000)).toBe(false);
    expect(await getRow(suite.store, row.id)).toEqual(row);
  });

  test('of another root counts as little', async () => {
    const { row } = await overtaken();
    await newResource(suite.store);
    const foreign = await claim('dead');
    expect(foreign.rootId).not.toBe(row.id);
    expect(await takeFallback(suite.store, { ...foreign, rootId: row.id }, row, failed)).toBe(false);
    expect(await getRow(suite.store, row.id)).toEqual(row);
  });
});
