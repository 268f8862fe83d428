import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import type { Condition } from '../../src/domain/resource.ts';
import { type StoredResource, updateSpec } from '../../src/store/resources.ts';
import {
  abandonAwaited,
  claimWork,
  type Lease,
  postponeResource,
  removeResource,
  settleResource,
  takeFallback,
} from '../../src/store/work.ts';
import { getRow, newResource, rowsOf, storeSuite } from './support/store-suite.ts';

const suite = storeSuite();
afterEach(() => sql`delete from resources`.execute(suite.store));

const ready: Condition = { type: 'Ready', status: 'true', reason: 'settled', message: '', at: '2026-01-02' };
const failed: Condition = { ...ready, status: 'false', reason: 'broken' };

async function claimed(fields = {}): Promise<{ row: StoredResource; lease: Lease }> {
  const row = await newResource(suite.store, fields);
  const lease = await claimWork(suite.store, 'one', row.id);
  if (!lease) throw new Error('it was not due');
  return { row, lease };
}

function settle({ row, lease }: { row: StoredResource; lease: Lease }, status: unknown = { open: true }) {
  const { generation } = row;
  const settlement = { generation, status, condition: ready, nextLookMs: 60_000 };
  return settleResource(suite.store, lease, row, settlement);
}

/** Asks for something else while the row is worked on. */
function change(id: string, spec: unknown, fallback: unknown = null): Promise<StoredResource> {
  return updateSpec(suite.store, id, {
    desired: 'active',
    spec,
    fallback: fallback === null ? null : { desired: 'active', spec: fallback },
    awaitedBy: fallback === null ? null : 'somebody',
  });
}

/** Seconds until the row is due, rounded; 0 when it is due now. */
async function dueIn(id: string): Promise<number> {
  const query = sql<{ left: number }>`
    select greatest(0, round(extract(epoch from due_at - now())))::int as left from resources where id = ${id}`;
  return (await rowsOf(suite.store, query))[0]?.left ?? -1;
}

describe('settled', () => {
  test('answers the newest generation: status, condition, next look; nobody waits any more', async () => {
    const work = await claimed({ awaitedBy: 'somebody' });
    await sql`update resources set attempts = 3 where id = ${work.row.id}`.execute(suite.store);
    expect(await settle(work)).toBe(true);
    expect(await getRow(suite.store, work.row.id)).toMatchObject({
      status: { open: true },
      generation: 1,
      observed_generation: 1,
      conditions: [ready],
      attempts: 0,
      fallback: null,
      awaited_by: null,
    });
    expect(await dueIn(work.row.id)).toBe(60);
  });

  test('for an older generation leaves the newer change due, awaited and revocable', async () => {
    const work = await claimed();
    await change(work.row.id, { size: 2 }, { size: 1 });
    expect(await settle(work)).toBe(true);
    expect(await getRow(suite.store, work.row.id)).toMatchObject({
      generation: 2,
      observed_generation: 1,
      spec: { size: 2 },
      fallback: { desired: 'active', spec: { size: 1 } },
      awaited_by: 'somebody',
    });
    expect(await dueIn(work.row.id)).toBe(0);
  });

  test('its status does not pass for the answer to a newer generation', async () => {
    const work = await claimed();
    await change(work.row.id, { size: 2 });
    await settle(work, { open: true });
    expect((await getRow(suite.store, work.row.id)).status).toBeNull();
  });

  test('moves updated_at once for each generation, not with every look', async () => {
    const work = await claimed();
    await settle(work);
    const { updated_at: first } = await getRow(suite.store, work.row.id);
    await settle({ ...work, row: await getRow(suite.store, work.row.id) });
    expect((await getRow(suite.store, work.row.id)).updated_at).toEqual(first);
  });
});

describe('postponed', () => {
  test('counts the failure and waits', async () => {
    const { row, lease } = await claimed();
    expect(await postponeResource(suite.store, lease, row, failed, 8_000)).toBe(true);
    expect(await postponeResource(suite.store, lease, row, failed, 16_000)).toBe(true);
    expect(await getRow(suite.store, row.id)).toMatchObject({ attempts: 2, conditions: [failed] });
    expect(await dueIn(row.id)).toBe(16);
  });

  test('a change that came during the attempt is due at once', async () => {
    const { row, lease } = await claimed();
    await change(row.id, { size: 2 });
    expect(await postponeResource(suite.store, lease, row, failed, 60_000)).toBe(true);
    expect(await dueIn(row.id)).toBe(0);
  });

  test('a failure of an older generation is not counted against a newer one', async () => {
    const { row, lease } = await claimed();
    await change(row.id, { size: 2 });
    await postponeResource(suite.store, lease, row, failed, 60_000);
    expect(await getRow(suite.store, row.id)).toMatchObject({ attempts: 0, generation: 2 });
  });
});

describe('given up', () => {
  test('a change goes back to what was before, as a new generation that is due at once', async () => {
    const { row, lease } = await claimed();
    await settle({ row, lease });
    const changed = await change(row.id, { size: 2 }, { size: 1 });
    expect(await takeFallback(suite.store, lease, changed, failed)).toBe(true);
    expect(await getRow(suite.store, row.id)).toMatchObject({
      desired: 'active',
      spec: { size: 1 },
      generation: 3,
      failed_generation: 2,
      observed_generation: 1,
      conditions: [failed],
      fallback: null,
      awaited_by: null,
      attempts: 0,
    });
    expect(await dueIn(row.id)).toBe(0);
  });

  test('a creation is then wanted absent', async () => {
    const { row, lease } = await claimed({ awaitedBy: 'somebody' });
    expect(await takeFallback(suite.store, lease, row, failed)).toBe(true);
    expect(await getRow(suite.store, row.id)).toMatchObject({ desired: 'absent', failed_generation: 1 });
  });

  test('what only goes forward stays', async () => {
    const { row, lease } = await claimed();
    expect(await takeFallback(suite.store, lease, row, failed)).toBe(false);
    expect(await getRow(suite.store, row.id)).toEqual(row);
  });

  test('a change that came meanwhile is not the one that failed', async () => {
    const { row, lease } = await claimed({ awaitedBy: 'somebody' });
    const changed = await change(row.id, { size: 2 }, { size: 1 });
    expect(await takeFallback(suite.store, lease, row, failed)).toBe(false);
    expect(await getRow(suite.store, row.id)).toEqual(changed);
  });

  test('an earlier run gives up all that its callers waited for, and nothing of others', async () => {
    const created = await newResource(suite.store, { awaitedBy: 'me' });
    const foreign = await newResource(suite.store, { awaitedBy: 'them' });
    const quiet = await newResource(suite.store);
    expect(await abandonAwaited(suite.store, 'me', failed)).toBe(1);
    expect(await getRow(suite.store, created.id)).toMatchObject({ desired: 'absent', conditions: [failed] });
    expect(await getRow(suite.store, foreign.id)).toEqual(foreign);
    expect(await getRow(suite.store, quiet.id)).toEqual(quiet);
  });
});

describe('removed', () => {
  test('only what is wanted absent, with its parts', async () => {
    const { row, lease } = await claimed();
    const part = await newResource(suite.store, { kind: 'pg_user', rootId: row.id });
    expect(await removeResource(suite.store, lease, row.id)).toBe(false);
    await sql`update resources set desired = 'absent' where id = ${row.id}`.execute(suite.store);
    expect(await removeResource(suite.store, lease, row.id)).toBe(true);
    expect(
      await rowsOf(suite.store, sql`select 1 from resources where id in (${row.id}, ${part.id})`),
    ).toEqual([]);
    expect(await rowsOf(suite.store, sql`select 1 from leases`)).toEqual([]);
  });
});
