/** A client of the event feed that comes back, and says how far it got. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { type Client, EVENTS, liveSuite } from './support/live-suite.ts';

const suite = liveSuite();
const resuming = (after: number) => ({ path: `${EVENTS}?after=${after}` });

describe('who comes back', () => {
  test('is first told what they missed, and nothing twice', async () => {
    const [caller, other] = [await suite.newCaller(), await suite.newCaller()];
    const first = await suite.welcome(caller);
    await suite.tell(caller.userId, 'test.1');
    await expect.poll(() => first.names).toEqual(['test.1']);
    first.socket.close();
    await suite.tell(other.userId, 'test.foreign');
    await suite.tell(caller.userId, 'test.2');
    await suite.tell(caller.userId, 'test.3');
    const again = await suite.welcome(caller, suite.port, resuming(Number(first.ids.at(-1))));
    expect(again.hello).toEqual({ type: 'hello', last_event_id: await suite.lastEventId() });
    await suite.tell(caller.userId, 'test.4');
    await expect.poll(() => again.names).toEqual(['test.2', 'test.3', 'test.4']);
  });

  test('while much happens misses nothing and hears nothing twice', async () => {
    const caller = await suite.newCaller();
    const start = await suite.lastEventId();
    const writing = Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let i = 0; i < 60; i++) await suite.tell(caller.userId, 'test.busy');
      }),
    );
    const clients: Client[] = [];
    for (let i = 0; i < 8; i++) clients.push(await suite.welcome(caller, suite.port, resuming(start)));
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
    const start = await suite.lastEventId();
    const id = randomUUID();
    const many = (count: number) => sql`
      insert into events (name, resource_id, root_id, owner_id)
      select 'test.many', ${id}, ${id}, ${caller.userId} from generate_series(1, ${count}::int)`;
    await many(1_000).execute(suite.operations.store);
    const patient = await suite.welcome(caller, suite.port, resuming(start));
    await expect.poll(() => patient.events.length, { timeout: 5_000 }).toBe(1_000);
    await many(1).execute(suite.operations.store);
    await expect.poll(() => patient.events.length).toBe(1_001);
    const lost = await suite.welcome(caller, suite.port, resuming(start));
    await expect.poll(() => lost.messages.length).toBe(2);
    expect(lost.messages[1]).toEqual({ type: 'reset' });
    await suite.tell(caller.userId, 'test.next');
    await expect.poll(() => lost.names).toEqual(['test.next']);
    // What belongs to others does not count.
    const other = await suite.welcome(await suite.newCaller(), suite.port, resuming(start));
    other.socket.send('ping');
    await expect.poll(() => other.messages.length).toBe(2);
    expect(other.messages[1]).toBe('pong');
  });

  test('to a replica that is behind the one before hears nothing twice, and is not told to begin anew', async () => {
    const changes = await suite.operations.openFeed();
    const behind = await suite.listen({ context: { ...suite.operations.context, changes } });
    const caller = await suite.newCaller();
    const [ahead] = [await suite.welcome(caller), await suite.welcome(caller, behind)];
    // From now on it looks by the clock only.
    await changes.stop();
    for (let round = 0; round < 5; round++) {
      const [name, next] = [`test.told-${round}`, `test.next-${round}`];
      await suite.tell(caller.userId, name);
      await expect.poll(() => ahead?.names.at(-1), { interval: 5 }).toBe(name);
      const client = await suite.welcome(caller, behind, resuming(Number(ahead?.ids.at(-1))));
      await suite.tell(caller.userId, next);
      await expect.poll(() => client.messages.slice(1)).toMatchObject([{ type: 'event', name: next }]);
      client.socket.close();
    }
  });

  test('from another life of the database is told to begin anew', async () => {
    const caller = await suite.newCaller();
    const client = await suite.welcome(caller, suite.port, resuming((await suite.lastEventId()) + 1_000));
    await expect.poll(() => client.messages[1]).toEqual({ type: 'reset' });
    await suite.tell(caller.userId, 'test.next');
    await expect.poll(() => client.names).toEqual(['test.next']);
  });
});
