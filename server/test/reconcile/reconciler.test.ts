import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { Fault } from '../../src/kernel/fault.ts';
import { findLastEvent } from '../../src/store/events.ts';
import { makeDue } from '../../src/store/work.ts';
import { eventNames, getRow, newResource, rowsOf } from '../store/support/store-suite.ts';
import { reconcilerSuite, SPEC } from './support/reconciler-suite.ts';
import { Gate } from './support/world.ts';

const suite = reconcilerSuite();

describe('a resource', () => {
  test('comes true, and its row says so: status, generation, condition, event', async () => {
    const { id, name } = await newResource(suite.store);
    await suite.start();
    expect(await suite.settled(id)).toMatchObject({
      generation: 1,
      observed_generation: 1,
      status: { open: true },
      conditions: [{ type: 'Ready', status: 'true', reason: 'settled' }],
    });
    expect(suite.world.things.get(id)).toEqual({ name, mark: '5', open: true });
    expect(suite.world.steps(id)).toEqual(['make', 'mark', 'open']);
    expect(await eventNames(suite.store, id)).toEqual(['database.settled']);
  });

  test('is taken up at once when a notification tells of it', async () => {
    const reconciler = await suite.start();
    await expect.poll(() => suite.world.looks).toBe(0);
    const asked = Date.now();
    const { id } = await newResource(suite.store);
    await suite.wake(id);
    await suite.settled(id);
    expect(Date.now() - asked).toBeLessThan(900);
    await reconciler.stop(1_000);
  });

  test('is found by the sweep when the notification was lost', async () => {
    await suite.start();
    const { id } = await newResource(suite.store);
    await suite.settled(id);
    expect(suite.world.things.get(id)?.open).toBe(true);
  });

  test('that drifted is repaired, and the event tells the steps', async () => {
    const { id } = await newResource(suite.store);
    const reconciler = await suite.start();
    const { updated_at: updatedAt } = await suite.settled(id);
    suite.world.things.delete(id);
    await makeDue(suite.store, id);
    reconciler.wake(id);
    await expect
      .poll(() => findLastEvent(suite.store, id, 'database.repaired'))
      .toEqual({
        steps: ['make', 'mark', 'open'],
      });
    expect(suite.world.things.get(id)?.open).toBe(true);
    expect((await getRow(suite.store, id)).updated_at).toEqual(updatedAt);
  });

  test('is looked at again and again although nobody asks, without an event for nothing', async () => {
    const { id } = await newResource(suite.store);
    const reconciler = await suite.start({ lookIntervalMs: 20 });
    await expect
      .poll(() => {
        reconciler.wake(null);
        return suite.world.looks;
      })
      .toBeGreaterThan(4);
    expect(await eventNames(suite.store, id)).toEqual(['database.settled']);
  });

  test('that was wanted absent is removed with its row, and the name is free', async () => {
    const { id, name } = await newResource(suite.store);
    await suite.start();
    await suite.settled(id);
    await suite.ask(id, 5, { desired: 'absent' });
    await suite.wake(id);
    await expect.poll(() => suite.isGone(id)).toBe(true);
    expect(suite.world.things.has(id)).toBe(false);
    expect(await eventNames(suite.store, id)).toContain('database.removed');
    await expect(newResource(suite.store, { name })).resolves.toMatchObject({ name });
  });
});

describe('a change that comes during an attempt', () => {
  test('is not lost when the attempt succeeds', async () => {
    const gate = new Gate();
    suite.world.before('open', gate.wait);
    const { id } = await newResource(suite.store);
    await suite.start();
    await gate.reached;
    await suite.ask(id, 7);
    gate.open();
    await suite.settled(id);
    expect(suite.world.things.get(id)?.mark).toBe('7');
    expect(await getRow(suite.store, id)).toMatchObject({ generation: 2, observed_generation: 2 });
  });

  test('is not lost when the attempt fails, nor does it wait for the backoff', async () => {
    const gate = new Gate();
    suite.world.before('open', async () => {
      await gate.wait();
      throw new Fault('world.stuck', 'it does not open');
    });
    const { id } = await newResource(suite.store);
    await suite.start();
    await gate.reached;
    await suite.ask(id, 7);
    suite.world.mend();
    const asked = Date.now();
    gate.open();
    await suite.settled(id);
    expect(Date.now() - asked).toBeLessThan(700);
    expect(suite.world.things.get(id)?.mark).toBe('7');
  });

  test('keeps its own fallback when the older one comes true', async () => {
    const gate = new Gate();
    const { id } = await newResource(suite.store);
    await suite.start();
    await suite.settled(id);
    suite.world.before('mark', gate.wait);
    await suite.ask(id, 6);
    await suite.wake(id);
    await gate.reached;
    await suite.ask(id, 7, { fallback: { desired: 'active', spec: { ...SPEC, connectionLimit: 6 } } });
    suite.world.before('mark', () => {
      if (suite.world.things.get(id)?.mark === '6') throw new Fault('world.stuck', 'no more marks');
    });
    gate.open();
    await suite.settled(id);
    expect(suite.world.things.get(id)?.mark).toBe('6');
    expect(await getRow(suite.store, id)).toMatchObject({ generation: 4, failed_generation: 3 });
  });
});

describe('failure', () => {
  test('is told in words, counted, and tried again later and later', async () => {
    suite.world.before('open', () => {
      throw new Fault('world.stuck', 'the door is stuck');
    });
    const { id } = await newResource(suite.store);
    const reconciler = await suite.start();
    const again = async () => {
      await makeDue(suite.store, id);
      reconciler.wake(id);
    };
    await expect.poll(async () => (await getRow(suite.store, id)).attempts).toBe(1);
    expect((await getRow(suite.store, id)).conditions).toMatchObject([
      { status: 'false', reason: 'world.stuck', message: 'the door is stuck' },
    ]);
    const left = sql<{ left: number }>`
      select extract(epoch from due_at - now())::float as left from resources where id = ${id}`;
    expect((await rowsOf(suite.store, left))[0]?.left).toBeLessThan(1.2);
    await again();
    await expect.poll(async () => (await getRow(suite.store, id)).attempts).toBe(2);
    expect((await rowsOf(suite.store, left))[0]?.left).toBeGreaterThan(1.2);
    suite.world.mend();
    await again();
    await suite.settled(id);
    expect(await getRow(suite.store, id)).toMatchObject({ attempts: 0, conditions: [{ status: 'true' }] });
    // The same failure again is no news.
    expect(await eventNames(suite.store, id)).toEqual(['database.failed', 'database.settled']);
    const audit = sql`select actor, outcome from audit where target_id = ${id}`;
    expect(await rowsOf(suite.store, audit)).toEqual([{ actor: 'system', outcome: 'failed' }]);
  });

  test('that we do not understand shows nothing of itself', async () => {
    suite.world.before('observe', () => {
      throw new Error('password=s3same at 10.0.0.7');
    });
    const { id } = await newResource(suite.store);
    await suite.start();
    await expect.poll(async () => (await getRow(suite.store, id)).attempts).toBe(1);
    const { conditions } = await getRow(suite.store, id);
    expect(conditions).toMatchObject([{ reason: 'unexpected' }]);
    const told = [conditions, await findLastEvent(suite.store, id, 'database.failed')];
    expect(JSON.stringify(told)).not.toContain('s3same');
  });

  test('to look proves nothing: what is there stays, and the status too', async () => {
    const { id } = await newResource(suite.store);
    const reconciler = await suite.start();
    const { status } = await suite.settled(id);
    suite.world.before('observe', () => {
      throw new Fault('world.dark', 'nothing to be seen');
    });
    await makeDue(suite.store, id);
    reconciler.wake(id);
    await expect.poll(async () => (await getRow(suite.store, id)).attempts).toBe(1);
    expect((await getRow(suite.store, id)).status).toEqual(status);
    expect(suite.world.things.get(id)?.open).toBe(true);
    suite.world.mend();
    await makeDue(suite.store, id);
    reconciler.wake(id);
    await expect
      .poll(() => eventNames(suite.store, id))
      .toEqual(['database.settled', 'database.failed', 'database.recovered']);
  });

  test('of one resource does not keep others waiting', async () => {
    const stuck = await newResource(suite.store);
    suite.world.before('open', () => Promise.reject(new Error('stuck')), stuck.id);
    const free = await newResource(suite.store);
    await suite.start({ concurrency: 1 });
    await suite.settled(free.id);
    expect(suite.world.things.get(stuck.id)?.open).toBe(false);
  });
});
