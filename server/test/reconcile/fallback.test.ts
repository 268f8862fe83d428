import { describe, expect, test } from 'vitest';
import { Fault } from '../../src/kernel/fault.ts';
import { recoverEarlierRun } from '../../src/reconcile/recover.ts';
import { findLastEvent } from '../../src/store/events.ts';
import { findResource } from '../../src/store/resources.ts';
import { claimWork, makeDue } from '../../src/store/work.ts';
import { eventNames, getRow, newResource, silentLog } from '../store/support/store-suite.ts';
import { reconcilerSuite, SPEC } from './support/reconciler-suite.ts';

const suite = reconcilerSuite();

function stuck(): never {
  throw new Fault('world.stuck', 'the door is stuck');
}

/** A change that its caller waits for, and that falls back to what was before. */
function rotate(id: string, connectionLimit: number) {
  return suite.ask(id, connectionLimit, {
    fallback: { desired: 'active', spec: SPEC },
    awaitedBy: 'test',
  });
}

describe('a creation that a caller waits for', () => {
  test('and that fails is undone at once: outside, row and name', async () => {
    suite.world.before('open', stuck);
    const { id, name } = await newResource(suite.store, { awaitedBy: 'test' });
    await suite.start();
    await expect.poll(() => suite.isGone(id)).toBe(true);
    expect(suite.world.things.size).toBe(0);
    expect(suite.world.steps(id)).toEqual(['make', 'mark', 'remove']);
    expect(await eventNames(suite.store, id)).toEqual(['database.given-up', 'database.undone']);
    await expect(newResource(suite.store, { name })).resolves.toMatchObject({ name });
  });

  test('is undone with the reason that started it, however often the undo fails', async () => {
    let undos = 0;
    suite.world.before('open', stuck);
    suite.world.before('remove', () => {
      if (undos++ === 0) throw new Fault('world.glued', 'it does not come off');
    });
    const { id } = await newResource(suite.store, { awaitedBy: 'test' });
    await suite.start();
    await expect.poll(() => undos).toBe(1);
    await expect.poll(async () => (await findResource(suite.store, 'database', id))?.attempts).toBe(1);
    expect((await getRow(suite.store, id)).conditions).toMatchObject([{ reason: 'world.stuck' }]);
    await makeDue(suite.store, id);
    await suite.wake(id);
    await expect.poll(() => suite.isGone(id)).toBe(true);
    expect(await findLastEvent(suite.store, id, 'database.undone')).toEqual({
      reason: 'world.stuck',
      message: 'the door is stuck',
    });
  });

  test('that comes true falls back no more: later failures only wait', async () => {
    const { id } = await newResource(suite.store, { awaitedBy: 'test' });
    const reconciler = await suite.start();
    await suite.settled(id);
    suite.world.before('observe', stuck);
    await suite.store
      .updateTable('resources')
      .set({ due_at: new Date(0) })
      .where('id', '=', id)
      .execute();
    reconciler.wake(id);
    await expect.poll(async () => (await getRow(suite.store, id)).attempts).toBe(1);
    expect(await getRow(suite.store, id)).toMatchObject({ desired: 'active', generation: 1 });
    expect(suite.world.things.get(id)?.open).toBe(true);
  });
});

describe('a change that a caller waits for', () => {
  test('and that fails goes back to the old spec, outside too', async () => {
    const { id } = await newResource(suite.store);
    const reconciler = await suite.start();
    await suite.settled(id);
    let marks = 0;
    suite.world.before('observe', () => {
      // The new mark is there already when the attempt fails.
      if (suite.world.things.get(id)?.mark === '9' && marks++ === 0) stuck();
    });
    await rotate(id, 9);
    reconciler.wake(id);
    const row = await suite.settled(id);
    expect(row).toMatchObject({ generation: 3, failed_generation: 2, spec: SPEC, fallback: null });
    expect(suite.world.things.get(id)?.mark).toBe('5');
    expect(suite.world.steps(id).slice(3)).toEqual(['mark', 'mark']);
    expect(await eventNames(suite.store, id)).toEqual([
      'database.settled',
      'database.given-up',
      'database.settled',
    ]);
  });
});

describe('after a crash', () => {
  test('what callers of the earlier run waited for is given up, and its leases are free', async () => {
    const created = await newResource(suite.store, { awaitedBy: 'test' });
    suite.world.things.set(created.id, { name: created.name, mark: '5', open: false });
    expect(await claimWork(suite.store, 'test', created.id)).toBeDefined();
    await recoverEarlierRun(suite.store, 'test', silentLog);
    await suite.start();
    await expect.poll(() => suite.isGone(created.id)).toBe(true);
    expect(suite.world.things.size).toBe(0);
    expect(await findLastEvent(suite.store, created.id, 'database.undone')).toMatchObject({
      reason: 'interrupted',
    });
  });

  test('a change goes back to what was acknowledged before', async () => {
    const { id } = await newResource(suite.store);
    const first = await suite.start();
    await suite.settled(id);
    await first.stop(1_000);
    await rotate(id, 9);
    const thing = suite.world.things.get(id);
    if (thing) thing.mark = '9';
    await recoverEarlierRun(suite.store, 'test', silentLog);
    await suite.start();
    await suite.settled(id);
    expect(suite.world.things.get(id)?.mark).toBe('5');
    expect((await getRow(suite.store, id)).spec).toEqual(SPEC);
  });

  test('what another process waits for, or what was answered, stays', async () => {
    const foreign = await newResource(suite.store, { awaitedBy: 'another' });
    const deleted = await newResource(suite.store);
    await suite.ask(deleted.id, 5, { desired: 'suspended' });
    await recoverEarlierRun(suite.store, 'test', silentLog);
    await suite.start();
    await suite.settled(foreign.id);
    await suite.settled(deleted.id);
    expect(suite.world.things.get(foreign.id)?.open).toBe(true);
    expect(suite.world.things.get(deleted.id)?.open).toBe(false);
  });
});
