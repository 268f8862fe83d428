import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import { SettledEvents } from '../../src/operations/event/settled-events.ts';
import { insertEvent } from '../../src/store/events.ts';
import type { Session, Store } from '../../src/store/store.ts';
import { newUser, storeSuite } from '../store/support/store-suite.ts';

const suite = storeSuite();

async function write(db: Session, name: string): Promise<void> {
  const id = randomUUID();
  await insertEvent(db, { name, resourceId: id, rootId: id, ownerId: null });
}

/** What a failed test left under way would hold up the next. */
const unfinished: (() => Promise<string>)[] = [];
afterEach(async () => {
  for (const undo of unfinished.splice(0)) await undo();
});

/** A transaction that wrote an event and waits for a word. */
async function openTransaction(name: string, store: Store = suite.store) {
  const begun = Promise.withResolvers<void>();
  const word = Promise.withResolvers<void>();
  const done = store.transaction().execute(async (db) => {
    await write(db, name);
    begun.resolve();
    await word.promise;
  });
  const outcome = done.then(
    () => 'committed',
    () => 'undone',
  );
  await begun.promise;
  const undo = () => {
    word.reject(new Error('taken back'));
    return outcome;
  };
  unfinished.push(undo);
  return {
    undo,
    commit: () => {
      word.resolve();
      return outcome;
    },
  };
}

/** From now on. */
async function begin(limit = 100): Promise<SettledEvents> {
  const events = new SettledEvents(suite.store, limit);
  await events.next();
  expect(events.position).toBeTypeOf('number');
  return events;
}

async function namesOf(events: SettledEvents): Promise<string[]> {
  return (await events.next()).events.map(({ name }) => name);
}

describe('events that are settled', () => {
  test('come in their order, each once, from the beginning on', async () => {
    await write(suite.store, 'before');
    const events = await begin();
    expect(await events.next()).toEqual({ events: [], isHeldUp: false, isFull: false });
    await write(suite.store, 'first');
    await write(suite.store, 'second');
    expect(await namesOf(events)).toEqual(['first', 'second']);
    expect(await namesOf(events)).toEqual([]);
  });

  test('come in pages that say whether there is more', async () => {
    const events = await begin(2);
    for (const name of ['a', 'b', 'c']) await write(suite.store, name);
    const [first, second] = [await events.next(), await events.next()];
    expect([first.isFull, second.isFull]).toEqual([true, false]);
    expect([...first.events, ...second.events].map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  test('wait for a transaction that drew an earlier id', async () => {
    const events = await begin();
    const slow = await openTransaction('slow');
    await write(suite.store, 'quick');
    expect(await events.next()).toEqual({ events: [], isHeldUp: true, isFull: false });
    await slow.commit();
    expect(await namesOf(events)).toEqual(['slow', 'quick']);
  });

  test('do not wait for an id that was given back', async () => {
    const events = await begin();
    const slow = await openTransaction('slow');
    await write(suite.store, 'quick');
    expect((await events.next()).isHeldUp).toBe(true);
    expect(await slow.undo()).toBe('undone');
    expect(await namesOf(events)).toEqual(['quick']);
    await write(suite.store, 'next');
    expect(await namesOf(events)).toEqual(['next']);
  });

  test('do not wait for writers that came later than the gap', async () => {
    const events = await begin();
    const [first, second] = [await openTransaction('undone'), await openTransaction('late')];
    await write(suite.store, 'quick');
    expect((await events.next()).isHeldUp).toBe(true);
    const after = await openTransaction('after');
    await first.undo();
    expect((await events.next()).isHeldUp).toBe(true);
    await second.commit();
    expect(await namesOf(events)).toEqual(['late', 'quick']);
    await after.commit();
    expect(await namesOf(events)).toEqual(['after']);
  });

  test('that stand before a gap do not wait for it', async () => {
    const events = await begin();
    await write(suite.store, 'before');
    const slow = await openTransaction('slow');
    await write(suite.store, 'after');
    expect(await namesOf(events)).toEqual(['before']);
    expect((await events.next()).isHeldUp).toBe(true);
    await slow.commit();
    expect(await namesOf(events)).toEqual(['slow', 'after']);
  });

  test('begin where no earlier id is under way', async () => {
    const slow = await openTransaction('slow');
    await write(suite.store, 'quick');
    const events = new SettledEvents(suite.store, 100);
    expect([(await events.next()).isHeldUp, events.position]).toEqual([true, undefined]);
    const later = await openTransaction('later');
    await slow.commit();
    expect([(await events.next()).isHeldUp, events.position]).toEqual([false, expect.any(Number)]);
    await later.commit();
    expect(await namesOf(events)).toEqual(['later']);
  });

  test('do not wait for what others do in the cluster, or for what we do to other tables', async () => {
    const events = await begin();
    const word = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const other = suite.store.transaction().execute(async (db) => {
      await newUser(db);
      await sql`select count(*) from events`.execute(db);
      begun.resolve();
      await word.promise;
    });
    await begun.promise;
    const undone = await openTransaction('undone');
    await write(suite.store, 'quick');
    await undone.undo();
    expect(await namesOf(events)).toEqual(['quick']);
    word.resolve();
    await other;
  });
});

describe('under many writers at once', () => {
  /** Each writes some events, takes its time, and commits or not. */
  async function writeMany(store: Store, rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      const work = store.transaction().execute(async (db) => {
        for (let i = randomInt(1, 4); i > 0; i--) {
          await write(db, 'storm');
          if (randomInt(3) === 0) await pause(randomInt(8));
        }
        if (randomInt(5) === 0) throw new Error('taken back');
      });
      await work.catch(() => undefined);
    }
  }

  test('nothing is lost, repeated or out of order', async () => {
    const events = await begin(7);
    const start = events.position as number;
    let isOver = false;
    const writing = Promise.all(
      Array.from({ length: 12 }, (_, index) => writeMany(suite.openStore(`writer ${index % 3}`), 25)),
    ).finally(() => {
      isOver = true;
    });
    const told: number[] = [];
    for (;;) {
      const wasOver = isOver;
      const batch = await events.next();
      told.push(...batch.events.map(({ id }) => id));
      if (wasOver && !batch.isFull && !batch.isHeldUp) break;
    }
    await writing;
    const rows = await suite.store
      .selectFrom('events')
      .select('id')
      .where('id', '>', start)
      .orderBy('id')
      .execute();
    expect(rows.length).toBeGreaterThan(200);
    expect(told).toEqual(rows.map(({ id }) => id));
  });
});
