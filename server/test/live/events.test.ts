/** The feed of Backyard's own events: who is told what, in which order, and at what cost. */
import { randomUUID } from 'node:crypto';
import { type CompiledQuery, sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { Context } from '../../src/operations/context.ts';
import { cutConnections } from '../store/support/store-suite.ts';
import { liveSuite } from './support/live-suite.ts';

const suite = liveSuite();

describe('the feed of events', () => {
  test('greets with where it stands, and tells what happens then', async () => {
    const caller = await suite.newCaller();
    await suite.tell(caller.userId, 'test.before');
    const before = await suite.lastEventId();
    const client = await suite.welcome(caller);
    // The cluster itself may have been settled meanwhile.
    expect(client.hello).toEqual({ type: 'hello', last_event_id: expect.toSatisfy((id) => id >= before) });
    const database = await suite.operations.createDatabase(caller);
    await expect.poll(() => client.names).toEqual(['database.create', 'database.settled']);
    const [created] = client.events;
    expect(created).toEqual({
      type: 'event',
      id: expect.toSatisfy((id) => id > Number(client.hello?.last_event_id)),
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      name: 'database.create',
      resource_id: database.id,
      root_id: database.id,
      payload: {},
    });
  });

  test('tells people of what is theirs, and administrators of everything', async () => {
    const [ada, bob] = [await suite.newCaller(), await suite.newCaller()];
    const admin = await suite.newCaller({ isAdmin: true });
    const [hers, his, all] = [await suite.welcome(ada), await suite.welcome(bob), await suite.welcome(admin)];
    await suite.tell(ada.userId, 'test.hers');
    await suite.tell(null, 'test.nobodys');
    await suite.tell(bob.userId, 'test.his');
    await expect.poll(() => all.names).toEqual(['test.hers', 'test.nobodys', 'test.his']);
    expect([hers.names, his.names]).toEqual([['test.hers'], ['test.his']]);
  });

  test('gives the key of an administrator no more than its scopes', async () => {
    const admin = await suite.newCaller({ isAdmin: true });
    const limited = (await suite.newKey(admin, ['database:read'])).token;
    const full = (await suite.newKey(admin, ['database:admin'])).token;
    const [own, all] = await Promise.all(
      [limited, full].map((token) => suite.welcome(admin, suite.port, { authorization: `Bearer ${token}` })),
    );
    await suite.tell(null, 'test.nobodys');
    await suite.tell(admin.userId, 'test.own');
    await expect.poll(() => own?.names).toEqual(['test.own']);
    await expect.poll(() => all?.names).toEqual(['test.nobodys', 'test.own']);
  });

  test('reaches every socket on every replica', async () => {
    const replica = await suite.listen({ context: await suite.operations.openReplica() });
    const caller = await suite.newCaller();
    const clients = await Promise.all(
      [suite.port, suite.port, replica, replica].map((port) => suite.welcome(caller, port)),
    );
    for (let i = 0; i < 30; i++) await suite.tell(caller.userId, `test.${i}`);
    const names = Array.from({ length: 30 }, (_, i) => `test.${i}`);
    for (const client of clients) await expect.poll(() => client.names).toEqual(names);
  });

  test('keeps the order of the ids when transactions overlap', async () => {
    const caller = await suite.newCaller();
    const client = await suite.welcome(caller);
    const word = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const slow = suite.operations.store.transaction().execute(async (db) => {
      await suite.tell(caller.userId, 'test.slow', { db });
      begun.resolve();
      await word.promise;
    });
    await begun.promise;
    await suite.tell(caller.userId, 'test.quick');
    // Somebody who comes meanwhile waits until it is known where to begin.
    const replica = await suite.listen({ context: await suite.operations.openReplica() });
    const late = replica.connect({ authorization: await suite.bearerOf(caller) });
    word.resolve();
    await slow;
    await expect.poll(() => client.names).toEqual(['test.slow', 'test.quick']);
    expect(client.ids).toEqual([...client.ids].sort((a, b) => Number(a) - Number(b)));
    await expect.poll(() => late.hello?.last_event_id).toBe(client.ids.at(-1));
  });

  test('goes on when the transaction before was undone, of which nobody tells', async () => {
    const caller = await suite.newCaller();
    const client = await suite.welcome(caller);
    const word = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const undone = suite.operations.store.transaction().execute(async (db) => {
      await suite.tell(caller.userId, 'test.undone', { db });
      begun.resolve();
      await word.promise;
    });
    await begun.promise;
    await suite.tell(caller.userId, 'test.quick');
    word.reject(new Error('taken back'));
    await expect(undone).rejects.toThrow('taken back');
    await expect.poll(() => client.names).toEqual(['test.quick']);
  });

  test('goes on after the change feed was cut, and misses nothing of that time', async () => {
    const changes = await suite.operations.openFeed('feed of a live port');
    const port = await suite.listen({ context: { ...suite.operations.context, changes } });
    const caller = await suite.newCaller();
    const client = await suite.welcome(caller, port);
    expect(await cutConnections(suite.operations.store, 'feed of a live port')).toBe(1);
    await expect.poll(() => changes.isLive, { interval: 5 }).toBe(false);
    await suite.tell(caller.userId, 'test.unheard');
    await expect.poll(() => client.names, { timeout: 5_000 }).toEqual(['test.unheard']);
  });

  test('goes on after the database did not answer, without a socket lost', async () => {
    const caller = await suite.newCaller();
    const client = await suite.welcome(caller);
    await sql`alter table events rename to events_away`.execute(suite.operations.store);
    const other = suite.port.connect({ authorization: await suite.bearerOf(caller) });
    const id = randomUUID();
    await sql`
      insert into events_away (name, resource_id, root_id, owner_id) values ('test.away', ${id}, ${id}, ${caller.userId})`.execute(
      suite.operations.store,
    );
    await sql`alter table events_away rename to events`.execute(suite.operations.store);
    await expect.poll(() => client.names).toEqual(['test.away']);
    await expect.poll(() => other.hello?.type).toBe('hello');
    expect(client.closed).toBeUndefined();
  });
});

describe('the cost of a feed', () => {
  /** The statements of a port that the test can count. */
  function counted(context: Context): { context: Context; statements: string[] } {
    const statements: string[] = [];
    const note = (query: CompiledQuery) => void statements.push(query.sql);
    const executor = context.store.getExecutor();
    const store = context.store.withPlugin({
      transformQuery: ({ node }) => {
        note(executor.compileQuery(node, { queryId: randomUUID() } as never));
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    return { context: { ...context, store }, statements };
  }

  test('does not grow with the sockets: new events are read once for all', async () => {
    const { context, statements } = counted(await suite.operations.openReplica());
    const port = await suite.listen({ context, maxSocketsPerUser: 100 });
    const caller = await suite.newCaller();
    const clients = await Promise.all(Array.from({ length: 40 }, () => suite.welcome(caller, port)));
    statements.splice(0);
    await suite.tell(caller.userId, 'test.one');
    for (const client of clients) await expect.poll(() => client.names).toEqual(['test.one']);
    const reads = statements.filter((text) => text.includes('from "events"'));
    expect(reads.length).toBeGreaterThan(0);
    expect(reads.length).toBeLessThan(10);
  });

  test('is nothing while nobody listens', async () => {
    const { context, statements } = counted(await suite.operations.openReplica());
    const port = await suite.listen({ context });
    const caller = await suite.newCaller();
    const client = await suite.welcome(caller, port);
    client.socket.close();
    await expect.poll(() => client.closed).toBeDefined();
    await suite.tell(caller.userId, 'test.unheard');
    const other = await suite.welcome(caller);
    await suite.tell(caller.userId, 'test.heard');
    await expect.poll(() => other.names).toEqual(['test.heard']);
    const before = statements.length;
    await suite.tell(caller.userId, 'test.heard-again');
    await expect.poll(() => other.names).toHaveLength(2);
    expect(statements.slice(before)).toEqual([]);
  });
});
