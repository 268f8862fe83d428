import { connect, createServer, type Server, type Socket } from 'node:net';
import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import { CHANGES_CHANNEL, type Change, ChangeFeed, notifyUserChanged } from '../../src/store/changes.ts';
import { cutConnections, silentLog, storeSuite } from './support/store-suite.ts';

const suite = storeSuite();

function listen(feed: ChangeFeed): { changes: Change[]; gaps: () => number } {
  const changes: Change[] = [];
  let gaps = 0;
  feed.on((change) => changes.push(change));
  feed.onGap(() => gaps++);
  return { changes, gaps: () => gaps };
}

describe('the change feed', () => {
  test('hears what other connections tell, until it is unsubscribed', async () => {
    const feed = await suite.openFeed();
    const heard: Change[] = [];
    const unsubscribe = feed.on((change) => heard.push(change));
    expect(feed.isLive).toBe(true);
    await notifyUserChanged(suite.store, 7);
    await expect.poll(() => heard).toEqual([{ topic: 'user', userId: 7 }]);
    unsubscribe();
    const { changes } = listen(feed);
    await notifyUserChanged(suite.store, 8);
    await expect.poll(() => changes).toEqual([{ topic: 'user', userId: 8 }]);
    expect(heard).toHaveLength(1);
  });

  test('that loses its connection says so, is not live meanwhile, and comes back with a gap', async () => {
    const feed = await suite.openFeed('feed to be cut');
    const { changes, gaps } = listen(feed);
    expect(await cutConnections(suite.store, 'feed to be cut')).toBe(1);
    await expect.poll(() => feed.isLive, { interval: 5 }).toBe(false);
    expect(gaps()).toBe(1);
    // Lost: nobody listens now.
    await notifyUserChanged(suite.store, 1);
    await expect.poll(() => feed.isLive, { timeout: 5_000 }).toBe(true);
    expect(gaps()).toBe(2);
    expect(changes).toEqual([]);
    await notifyUserChanged(suite.store, 2);
    await expect.poll(() => changes).toEqual([{ topic: 'user', userId: 2 }]);
  });

  test('lets a notification of a stranger pass by', async () => {
    const feed = await suite.openFeed();
    const { changes } = listen(feed);
    for (const payload of ['no JSON at all', '', 'null', '7', '"text"', '{}', '{"topic":"weather"}']) {
      await sql`select pg_notify(${CHANGES_CHANNEL}, ${payload})`.execute(suite.store);
    }
    await notifyUserChanged(suite.store, 9);
    await expect.poll(() => changes).toEqual([{ topic: 'user', userId: 9 }]);
    expect(feed.isLive).toBe(true);
  });

  test('that cannot connect at its start says why', async () => {
    const url = new URL(suite.url);
    url.pathname = '/no_such_database';
    const feed = new ChangeFeed(url.href, 'lost feed', silentLog);
    await expect(feed.start()).rejects.toMatchObject({ code: '3D000' });
    expect(feed.isLive).toBe(false);
    await feed.stop();
  });

  test('that is stopped while it connects stays stopped', async () => {
    const feed = new ChangeFeed(suite.url, 'stopped feed', silentLog);
    const starting = feed.start();
    await feed.stop();
    await starting;
    expect(feed.isLive).toBe(false);
    const left = sql<{
      pid: number;
    }>`select pid from pg_stat_activity where application_name = 'stopped feed'`;
    await expect.poll(async () => (await left.execute(suite.store)).rows).toEqual([]);
  });

  test('that was stopped does not come back', async () => {
    const feed = await suite.openFeed('ended feed');
    const { gaps } = listen(feed);
    await feed.stop();
    await feed.stop();
    expect(feed.isLive).toBe(false);
    expect(gaps()).toBe(0);
  });
});

describe('a connection that dies without a word', () => {
  let proxy: Server | undefined;
  const sockets = new Set<Socket>();
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => proxy?.close(resolve));
  });

  /** Stands between a feed and Postgres, as a network does. */
  async function openProxy(): Promise<string> {
    const url = new URL(suite.url);
    const target = { host: url.hostname, port: Number(url.port) };
    proxy = createServer((near) => {
      const far = connect(target);
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(from);
        from.on('error', () => to.destroy());
        from.on('close', () => to.destroy());
        from.pipe(to);
      }
    });
    await new Promise<void>((resolve) => proxy?.listen({ host: '127.0.0.1', port: 0 }, resolve));
    url.host = `127.0.0.1:${(proxy.address() as { port: number }).port}`;
    return url.href;
  }

  test('is not trusted for longer than two beats', async () => {
    const feed = new ChangeFeed(await openProxy(), 'muffled feed', silentLog);
    await feed.start();
    try {
      // Packets vanish; nobody closes anything.
      for (const socket of sockets) socket.unpipe().pause();
      await expect.poll(() => feed.isLive, { timeout: 5_000, interval: 50 }).toBe(false);
    } finally {
      await feed.stop();
    }
  });
});
