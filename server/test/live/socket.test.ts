/** What every open socket keeps to, whatever is told on it. */
import { connect, type Socket } from 'node:net';
import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import type { Caller } from '../../src/domain/caller.ts';
import { type Client, EVENTS, liveSuite, spiedLog } from './support/live-suite.ts';

const suite = liveSuite();

async function welcome(port = suite.port, caller?: Caller): Promise<Client> {
  return suite.welcome(caller ?? (await suite.newCaller()), port);
}

/** Written as a client that keeps to no rule would. */
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

async function openRaw(caller: Caller, { url } = suite.port): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
  });
  socket.on('error', () => undefined);
  const headers = {
    host: hostname,
    authorization: await suite.bearerOf(caller),
    connection: 'upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.write(`GET ${EVENTS} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  await expect.poll(() => text).toContain('"hello"');
  return socket;
}

const BIG = { text: 'x'.repeat(16_384) };

describe('what a client says', () => {
  test('is answered: ping with pong, other text with an echo, in order', async () => {
    const client = await welcome();
    for (const text of ['ping', 'PING', 'PiNg', 'hello', ' ping', '{"type":"ping"}', '', 'ünïcödé 🦆']) {
      client.socket.send(text);
    }
    const echo = (message: string) => ({ type: 'echo', message });
    await expect.poll(() => client.messages.length).toBe(9);
    expect(client.messages.slice(1)).toEqual([
      ...['pong', 'pong', 'pong'],
      ...['hello', ' ping', '{"type":"ping"}', '', 'ünïcödé 🦆'].map(echo),
    ]);
  });

  test('too early is answered after the first message', async () => {
    const client = suite.port.connect({ authorization: await suite.bearerOf(await suite.newCaller()) });
    client.socket.once('open', () => client.socket.send('ping'));
    await expect.poll(() => client.messages.length).toBe(2);
    expect(client.messages[0]).toMatchObject({ type: 'hello' });
    expect(client.messages[1]).toBe('pong');
  });

  test('may be 4 KiB long, and no byte more', async () => {
    const client = await welcome();
    client.socket.send('ü'.repeat(2_048));
    await expect.poll(() => client.messages.length).toBe(2);
    client.socket.send(`${'ü'.repeat(2_048)}x`);
    await expect.poll(() => client.closed?.code).toBe(1009);
  });

  test('must be text, and UTF-8', async () => {
    const client = await welcome();
    client.socket.send(Buffer.from('ping'), { binary: true });
    await expect.poll(() => client.closed).toEqual({ code: 1003, reason: 'Text only' });
    const other = await welcome();
    other.socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
    await expect.poll(() => other.closed?.code).toBe(1007);
  });

  test('may be 20 messages in a second, and not 21', async () => {
    const client = await welcome();
    for (let i = 0; i < 20; i++) client.socket.send('ping');
    await expect.poll(() => client.messages.length).toBe(21);
    expect(client.closed).toBeUndefined();
    const other = await welcome();
    for (let i = 0; i < 21; i++) other.socket.send('ping');
    await expect.poll(() => other.closed).toEqual({ code: 1008, reason: 'Too many messages' });
    expect(other.messages).toHaveLength(21);
  });

  test('ends only the socket that said it', async () => {
    const caller = await suite.newCaller();
    const [good, bad] = [await welcome(suite.port, caller), await welcome(suite.port, caller)];
    bad.socket.send(Buffer.from([1]));
    await expect.poll(() => bad.closed?.code).toBe(1003);
    good.socket.send('ping');
    await expect.poll(() => good.messages.at(-1)).toBe('pong');
  });
});

describe('a client that does not answer', () => {
  test('is asked whether it is there, and cut when it says nothing twice', async () => {
    const port = await suite.listen({ timings: { beatMs: 150, lingerMs: 1_000 } });
    const [alive, dead] = [await welcome(port), await welcome(port)];
    dead.socket.pause();
    await expect.poll(() => alive.pings, { timeout: 5_000 }).toBeGreaterThan(3);
    dead.socket.resume();
    await expect.poll(() => dead.closed?.code).toBe(1006);
    expect(alive.closed).toBeUndefined();
  });

  test('to a close has a second, and then is cut', async () => {
    const caller = await suite.newCaller();
    const socket = await openRaw(caller);
    let isOver = false;
    socket.on('close', () => {
      isOver = true;
    });
    // A masked binary frame of one byte; the close frame that comes back is not answered.
    socket.write(Buffer.from([0x82, 0x81, 0, 0, 0, 0, 1]));
    await expect.poll(() => isOver, { timeout: 3_000 }).toBe(true);
  });
});

describe('a client that reads too slowly', () => {
  test('is sent away, and delays nobody', async () => {
    const caller = await suite.newCaller();
    const { log, lines } = spiedLog();
    const port = await suite.listen({ context: { ...suite.operations.context, log } });
    const quick = await welcome(port, caller);
    const slow = await openRaw(caller, port);
    slow.pause();
    const ended = () => lines.filter((line) => line.includes('socket closed'));
    let told = 0;
    // The kernel's buffers fill first, then ours.
    while (ended().length === 0 && told < 4_000) {
      await Promise.all(
        Array.from({ length: 20 }, () => suite.tell(caller.userId, 'test.told', { payload: BIG })),
      );
      told += 20;
      await expect.poll(() => quick.events.length, { timeout: 2_000 }).toBe(told);
    }
    expect(ended()).toEqual([expect.stringContaining('"code":1013,"reason":"Too slow"')]);
    let isOver = false;
    slow.on('close', () => {
      isOver = true;
    });
    slow.resume();
    await expect.poll(() => isOver, { timeout: 5_000 }).toBe(true);
    expect(quick.closed).toBeUndefined();
  });
});

describe('a server that stops', () => {
  test('says so, does not wait for who does not answer, and takes no new socket', async () => {
    const port = await suite.listen();
    const client = await welcome(port);
    const silent = await welcome(port);
    silent.socket.pause();
    let isOver = false;
    const closing = port.app.close().then(() => {
      isOver = true;
    });
    await expect.poll(() => isOver, { timeout: 3_000 }).toBe(true);
    await closing;
    await expect.poll(() => client.closed).toEqual({ code: 1001, reason: 'Server is shutting down' });
    const late = port.connect({ authorization: 'Bearer swordfish' });
    await expect.poll(() => late.closed?.code).toBe(1006);
  });
});

describe('an open socket', () => {
  test('holds no connection of the database', async () => {
    const caller = await suite.newCaller();
    const count = sql<{ count: number }>`
      select count(*) as count from pg_stat_activity
      where datname = current_database() and (state <> 'idle') and pid <> pg_backend_pid()`;
    const clients = await Promise.all(Array.from({ length: 15 }, () => welcome(suite.port, caller)));
    await expect
      .poll(async () => (await count.execute(suite.operations.store)).rows[0]?.count, { timeout: 5_000 })
      .toBe(0);
    const { statusCode } = await suite.port.app.inject('/health/ready');
    expect([statusCode, clients.filter(({ closed }) => closed).length]).toEqual([200, 0]);
  });

  test('never shows its credential to the log', async () => {
    const { log, lines } = spiedLog();
    const port = await suite.listen({ context: { ...suite.operations.context, log } });
    const caller = await suite.newCaller();
    const token = (await suite.bearerOf(caller)).slice('Bearer '.length);
    const good = port.connect({ path: `${EVENTS}?token=${token}` });
    await expect.poll(() => good.hello?.type).toBe('hello');
    good.socket.send(Buffer.from([1]));
    const bad = [
      port.connect({ path: `${EVENTS}?ticket=swordfish-1` }),
      port.connect({ path: `/api/v1/ws/none?token=swordfish-2` }),
      port.connect({ protocols: ['authorization.bearer.swordfish-4'] }),
    ];
    await expect.poll(() => [good, ...bad].every(({ closed }) => closed)).toBe(true);
    await expect.poll(() => lines.filter((line) => line.includes('socket closed'))).toHaveLength(3);
    expect(lines.join('\n')).toContain(`"path":"${EVENTS}"`);
    expect(lines.join('\n')).not.toMatch(/swordfish/);
    expect(lines.join('\n')).not.toContain(token);
  });
});
