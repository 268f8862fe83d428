import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { Fault } from '../../src/kernel/fault.ts';
import { findResource } from '../../src/store/resources.ts';
import { insertSecret } from '../../src/store/secrets.ts';
import { makeDue } from '../../src/store/work.ts';
import { getRow, newResource, rowsOf } from '../store/support/store-suite.ts';
import { reconcilerSuite, ring } from './support/reconciler-suite.ts';

const suite = reconcilerSuite();

async function newPart(rootId: string, name = 'ada') {
  const spec = { permissionLevel: 'read', passwordVersion: 1 };
  const part = await newResource(suite.store, { id: randomUUID(), kind: 'pg_user', rootId, name, spec });
  await insertSecret(suite.store, ring, { resourceId: part.id, field: 'verifier', version: 1 }, `of ${name}`);
  return part;
}

describe('a root and its parts', () => {
  test('are brought in line one after another, the root first', async () => {
    const root = await newResource(suite.store);
    const parts = [await newPart(root.id, 'ada'), await newPart(root.id, 'bob')];
    await suite.start();
    for (const part of parts) await suite.settled(part.id);
    const order = suite.world.history.map((entry) => entry.split('/')[0]);
    expect([...new Set(order)]).toEqual([root.id, ...parts.map(({ id }) => id)]);
    expect(suite.world.crowd).toBe(1);
    expect(suite.world.things.get(parts[0]?.id ?? '')?.mark).toBe('of ada');
  });

  test('come true in the end, although the root failed first', async () => {
    const root = await newResource(suite.store);
    const part = await newPart(root.id);
    suite.world.before('open', () => Promise.reject(new Error('stuck')), root.id);
    await suite.start();
    await expect.poll(async () => (await getRow(suite.store, root.id)).attempts).toBe(1);
    expect(suite.world.things.get(root.id)?.open).toBe(false);
    suite.world.mend();
    await makeDue(suite.store, root.id);
    await suite.wake(root.id);
    await suite.settled(root.id);
    await suite.settled(part.id);
    expect([root, part].map(({ id }) => suite.world.things.get(id)?.open)).toEqual([true, true]);
  });

  test('a part is never more open than its root', async () => {
    const root = await newResource(suite.store);
    const part = await newPart(root.id);
    const reconciler = await suite.start();
    await suite.settled(part.id);
    await suite.ask(root.id, 5, { desired: 'suspended' });
    await makeDue(suite.store, part.id);
    reconciler.wake(root.id);
    await expect.poll(() => suite.world.things.get(part.id)?.open).toBe(false);
  });

  test('a root that is removed takes its parts with it', async () => {
    const root = await newResource(suite.store);
    const part = await newPart(root.id);
    await suite.start();
    await suite.settled(part.id);
    await suite.ask(root.id, 5, { desired: 'absent' });
    await suite.wake(root.id);
    await expect.poll(() => suite.isGone(root.id)).toBe(true);
    expect(await findResource(suite.store, 'pg_user', part.id)).toBeUndefined();
    expect(await rowsOf(suite.store, sql`select 1 from secrets where resource_id = ${part.id}`)).toEqual([]);
  });
});

describe('deletion', () => {
  test('goes before other work', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push((await newResource(suite.store)).id);
    const doomed = ids[4] ?? '';
    await suite.ask(doomed, 5, { desired: 'absent' });
    suite.world.things.set(doomed, { name: 'left over', mark: '', open: false });
    await suite.start({ concurrency: 1 });
    for (const id of ids.slice(0, 4)) await suite.settled(id);
    expect(suite.world.history[0]).toBe(`${doomed}/remove`);
  });

  test('that fails is tried again until nothing is left', async () => {
    const { id } = await newResource(suite.store);
    await suite.start();
    await suite.settled(id);
    let failures = 0;
    suite.world.before('remove', () => {
      if (failures++ === 0) throw new Fault('world.stuck', 'it does not go');
    });
    await suite.ask(id, 5, { desired: 'absent' });
    await suite.wake(id);
    await expect.poll(async () => (await getRow(suite.store, id)).attempts).toBe(1);
    await makeDue(suite.store, id);
    await suite.wake(id);
    await expect.poll(() => suite.isGone(id)).toBe(true);
    expect(failures).toBe(2);
    expect(suite.world.things.has(id)).toBe(false);
  });

  test('of what is already gone outside is quiet', async () => {
    const { id } = await newResource(suite.store);
    await suite.ask(id, 5, { desired: 'absent' });
    await suite.start();
    await expect.poll(() => suite.isGone(id)).toBe(true);
    expect(suite.world.history).toEqual([]);
  });

  test('of many goes on without a pause, however few hands there are', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 12; i++) ids.push((await newResource(suite.store)).id);
    for (const id of ids) await suite.ask(id, 5, { desired: 'absent' });
    await suite.start({ concurrency: 1 });
    // One for each sweep would take twelve seconds.
    const left = () => Promise.all(ids.map((id) => suite.isGone(id)));
    await expect.poll(left, { timeout: 4_000 }).toEqual(ids.map(() => true));
  });
});
