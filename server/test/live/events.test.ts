/** The feed of Backyard's own events: who is told what, in which order, and what ends it. */
import { randomUUID } from 'node:crypto';
import { type CompiledQuery, type LogEvent, sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../src/domain/caller.ts';
import { revokeApiKey } from '../../src/operations/api-key/revoke.ts';
import type { Context } from '../../src/operations/context.ts';
import { revokeSession } from '../../src/operations/session/revoke.ts';
import { deactivateUser } from '../../src/operations/user/deactivate.ts';
import { notifyUserChanged } from '../../src/store/changes.ts';
import { insertEvent } from '../../src/store/events.ts';
import type { Session } from '../../src/store/store.ts';
import { updateUser } from '../../src/store/users.ts';
import { ORIGIN } from '../operations/support/operation-suite.ts';
import { cutConnections } from '../store/support/store-suite.ts';
import { type Client, type Connecting, EVENTS, type ListeningPort, liveSuite } from './support/live-suite.ts';

const suite = liveSuite();

async function welcome(
  caller: Caller,
  port: ListeningPort = suite.port,
  options: Connecting = {},
): Promise<Client> {
  const client = port.connect({ authorization: await suite.bearerOf(caller), ...options });
  await expect.poll(() => client.hello?.type ?? client.closed).toBe('hello');
  return client;
}

async function tell(
  ownerId: number | null,
  name: string,
  db: Session = suite.operations.store,
): Promise<void> {
  const id = randomUUID();
  await insertEvent(db, { name, resourceId: id, rootId: id, ownerId, payload: { because: 'a test' } });
}

async function lastId(): Promise<number> {
  const { id } = await suite.operations.store
    .selectFrom('events')
    .select('id')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  return id;
}

const resuming = (after: number) => ({ path: `${EVENTS}?after=${after}` });
const CLOSED = { code: 4001, reason: 'Credential revoked' };

describe('the feed of events', () => {
  test('greets with where it stands, and tells what happens then', async () => {
    const caller = await suite.newCaller();
    await tell(caller.userId, 'test.before');
    const before = await lastId();
    const client = await welcome(caller);
    expect(client.hello).toEqual({ type: 'hello', last_event_id: before });
    const database = await suite.operations.createDatabase(caller);
    await expect.poll(() => client.names).toEqual(['database.create', 'database.settled']);
    const [created] = client.events;
    expect(created).toEqual({
      type: 'event',
      id: before + 1,
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
    const [hers, his, all] = [await welcome(ada), await welcome(bob), await welcome(admin)];
    await tell(ada.userId, 'test.hers');
    await tell(null, 'test.nobodys');
    await tell(bob.userId, 'test.his');
    await expect.poll(() => all.names).toEqual(['test.hers', 'test.nobodys', 'test.his']);
    expect([hers.names, his.names]).toEqual([['test.hers'], ['test.his']]);
  });

  test('gives the key of an administrator no more than its scopes', async () => {
    const admin = await suite.newCaller({ isAdmin: true });
    const limited = (await suite.newKey(admin, ['database:read'])).token;
    const full = (await suite.newKey(admin, ['database:admin'])).token;
    const [own, all] = await Promise.all(
      [limited, full].map((token) => welcome(admin, suite.port, { authorization: `Bearer ${token}` })),
    );
    await tell(null, 'test.nobodys');
    await tell(admin.userId, 'test.own');
    await expect.poll(() => own?.names).toEqual(['test.own']);
    await expect.poll(() => all?.names).toEqual(['test.nobodys', 'test.own']);
  });

  test('reaches every socket on every replica', async () => {
    const replica = await suite.listen({ context: await suite.operations.openReplica() });
    const caller = await suite.newCaller();
    const clients = await Promise.all(
      [suite.port, suite.port, replica, replica].map((port) => welcome(caller, port)),
    );
    for (let i = 0; i < 30; i++) await tell(caller.userId, `test.${i}`);
    const names = Array.from({ length: 30 }, (_, i) => `test.${i}`);
    for (const client of clients) await expect.poll(() => client.names).toEqual(names);
  });

  test('keeps the order of the ids when transactions overlap', async () => {
    const caller = await suite.newCaller();
    const client = await welcome(caller);
    const word = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const slow = suite.operations.store.transaction().execute(async (db) => {
      await tell(caller.userId, 'test.slow', db);
      begun.resolve();
      await word.promise;
    });
    await begun.promise;
    await tell(caller.userId, 'test.quick');
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
    const client = await welcome(caller);
    const word = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const undone = suite.operations.store.transaction().execute(async (db) => {
      await tell(caller.userId, 'test.undone', db);
      begun.resolve();
      await word.promise;
    });
    await begun.promise;
    await tell(caller.userId, 'test.quick');
    word.reject(new Error('taken back'));
    await expect(undone).rejects.toThrow('taken back');
    await expect.poll(() => client.names).toEqual(['test.quick']);
  });

  test('goes on after the change feed was cut, and misses nothing of that time', async () => {
    const changes = await suite.operations.openFeed('feed of a live port');
    const port = await suite.listen({ context: { ...suite.operations.context, changes } });
    const caller = await suite.newCaller();
    const client = await welcome(caller, port);
    expect(await cutConnections(suite.operations.store, 'feed of a live port')).toBe(1);
    await expect.poll(() => changes.isLive, { interval: 5 }).toBe(false);
    await tell(caller.userId, 'test.unheard');
    await expect.poll(() => client.names, { timeout: 5_000 }).toEqual(['test.unheard']);
  });

  test('goes on after the database did not answer, without a socket lost', async () => {
    const caller = await suite.newCaller();
    const client = await welcome(caller);
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

describe('who comes back', () => {
  test('is first told what they missed, and nothing twice', async () => {
    const [caller, other] = [await suite.newCaller(), await suite.newCaller()];
    const first = await welcome(caller);
    await tell(caller.userId, 'test.1');
    await expect.poll(() => first.names).toEqual(['test.1']);
    first.socket.close();
    await tell(other.userId, 'test.foreign');
    await tell(caller.userId, 'test.2');
    await tell(caller.userId, 'test.3');
    const again = await welcome(caller, suite.port, resuming(Number(first.ids.at(-1))));
    expect(again.hello).toEqual({ type: 'hello', last_event_id: await lastId() });
    await tell(caller.userId, 'test.4');
    await expect.poll(() => again.names).toEqual(['test.2', 'test.3', 'test.4']);
  });

  test('while much happens misses nothing and hears nothing twice', async () => {
    const caller = await suite.newCaller();
    const start = await lastId();
    const writing = Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let i = 0; i < 60; i++) await tell(caller.userId, 'test.busy');
      }),
    );
    const clients: Client[] = [];
    for (let i = 0; i < 8; i++) clients.push(await welcome(caller, suite.port, resuming(start)));
    await writing;
    const rows = await suite.operations.store
      .selectFrom('events')
      .select('id')
      .where('id', '>', start)
      .orderBy('id')
      .execute();
    const ids = rows.map(({ id }) => id);
    expect(ids).toHaveLength(240);
    for (const client of clients) await expect.poll(() => client.ids).toEqual(ids);
  });

  test('after 1000 events is told all of them, after more to begin anew', async () => {
    const caller = await suite.newCaller();
    const start = await lastId();
    const id = randomUUID();
    const many = (count: number) => sql`
      insert into events (name, resource_id, root_id, owner_id)
      select 'test.many', ${id}, ${id}, ${caller.userId} from generate_series(1, ${count}::int)`;
    await many(1_000).execute(suite.operations.store);
    const patient = await welcome(caller, suite.port, resuming(start));
    await expect.poll(() => patient.events.length, { timeout: 5_000 }).toBe(1_000);
    await many(1).execute(suite.operations.store);
    await expect.poll(() => patient.events.length).toBe(1_001);
    const lost = await welcome(caller, suite.port, resuming(start));
    await expect.poll(() => lost.messages.length).toBe(2);
    expect(lost.messages[1]).toEqual({ type: 'reset' });
    await tell(caller.userId, 'test.next');
    await expect.poll(() => lost.names).toEqual(['test.next']);
    // What belongs to others does not count.
    const other = await welcome(await suite.newCaller(), suite.port, resuming(start));
    other.socket.send('ping');
    await expect.poll(() => other.messages.length).toBe(2);
    expect(other.messages[1]).toBe('pong');
  });

  test('from another life of the database is told to begin anew', async () => {
    const caller = await suite.newCaller();
    const client = await welcome(caller, suite.port, resuming((await lastId()) + 1_000));
    await expect.poll(() => client.messages[1]).toEqual({ type: 'reset' });
    await tell(caller.userId, 'test.next');
    await expect.poll(() => client.names).toEqual(['test.next']);
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
    const clients = await Promise.all(Array.from({ length: 40 }, () => welcome(caller, port)));
    statements.splice(0);
    await tell(caller.userId, 'test.one');
    for (const client of clients) await expect.poll(() => client.names).toEqual(['test.one']);
    const reads = statements.filter((text) => text.includes('from "events"'));
    expect(reads.length).toBeGreaterThan(0);
    expect(reads.length).toBeLessThan(10);
  });

  test('is nothing while nobody listens', async () => {
    const { context, statements } = counted(await suite.operations.openReplica());
    const port = await suite.listen({ context });
    const caller = await suite.newCaller();
    const client = await welcome(caller, port);
    client.socket.close();
    await expect.poll(() => client.closed).toBeDefined();
    await tell(caller.userId, 'test.unheard');
    const other = await welcome(caller);
    await tell(caller.userId, 'test.heard');
    await expect.poll(() => other.names).toEqual(['test.heard']);
    const before = statements.length;
    await tell(caller.userId, 'test.heard-again');
    await expect.poll(() => other.names).toHaveLength(2);
    expect(statements.slice(before)).toEqual([]);
  });
});

describe('an open feed ends', () => {
  const admin = () => suite.newCaller({ isAdmin: true });

  test('when its key is revoked, and no other of the user’s', async () => {
    const caller = await suite.newCaller();
    const { key, token } = await suite.newKey(caller);
    const byKey = await welcome(caller, suite.port, { authorization: `Bearer ${token}` });
    const bySession = await welcome(caller);
    await revokeApiKey.invoke(suite.operations.context, { caller, origin: ORIGIN, input: { id: key.id } });
    await expect.poll(() => byKey.closed).toEqual(CLOSED);
    await tell(caller.userId, 'test.after');
    await expect.poll(() => bySession.names).toEqual(['test.after']);
    expect(byKey.names).toEqual([]);
  });

  test('when the session is ended that opened it, or made its ticket', async () => {
    const caller = await suite.newCaller();
    const { secret, sessionId } = await suite.operations.startSession(caller.userId, 'cookie');
    const headers = { cookie: `backyard_session=${secret}`, origin: suite.port.url };
    const direct = suite.port.connect({ headers });
    const answer = await suite.port.app.inject({
      method: 'POST',
      url: '/api/v1/ws/tickets',
      headers: { cookie: headers.cookie },
    });
    expect([answer.statusCode, answer.json().expires_in]).toEqual([200, 30]);
    const byTicket = suite.port.connect({ path: `${EVENTS}?ticket=${answer.json().ticket}` });
    await expect.poll(() => [direct.hello?.type, byTicket.hello?.type]).toEqual(['hello', 'hello']);
    await revokeSession.invoke(suite.operations.context, {
      caller,
      origin: ORIGIN,
      input: { id: sessionId },
    });
    await expect.poll(() => [direct.closed, byTicket.closed]).toEqual([CLOSED, CLOSED]);
  });

  test('on every replica, when the user is deactivated', async () => {
    const replica = await suite.listen({ context: await suite.operations.openReplica() });
    const caller = await suite.newCaller();
    const clients = [await welcome(caller), await welcome(caller, replica)];
    await deactivateUser.invoke(suite.operations.context, {
      caller: await admin(),
      origin: ORIGIN,
      input: { user: { id: caller.userId } },
    });
    const closed = { code: 4001, reason: 'User account is disabled' };
    for (const client of clients) await expect.poll(() => client.closed).toEqual(closed);
  });

  test('when its credential does', async () => {
    const caller = await suite.newCaller();
    const { token } = await suite.newKey(caller, null, new Date(Date.now() + 800));
    const client = await welcome(caller, suite.port, { authorization: `Bearer ${token}` });
    expect(client.closed).toBeUndefined();
    await expect
      .poll(() => client.closed, { timeout: 3_000 })
      .toEqual({ code: 4001, reason: 'Invalid or expired token' });
  });

  test('to tell of everything when an administrator is none any more', async () => {
    const caller = await suite.newCaller({ isAdmin: true });
    const client = await welcome(caller);
    await tell(null, 'test.before');
    await expect.poll(() => client.names).toEqual(['test.before']);
    await updateUser(suite.operations.store, caller.userId, { is_admin: false });
    await notifyUserChanged(suite.operations.store, caller.userId);
    await expect
      .poll(async () => {
        const seen = client.events.length;
        await tell(null, 'test.nobodys');
        await tell(caller.userId, 'test.own');
        await expect.poll(() => client.names.slice(seen)).toContain('test.own');
        return client.names.slice(seen);
      })
      .toEqual(['test.own']);
    expect(client.closed).toBeUndefined();
  });
});
