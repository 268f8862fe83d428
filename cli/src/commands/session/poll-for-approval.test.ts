import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createClient } from '../../client.ts';
import { Failure, Refusal } from '../../failure.ts';
import { intervalAfter, pollForApproval } from './poll-for-approval.ts';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

type Reply = (response: ServerResponse) => unknown;

interface Yard {
  readonly baseUrl: string;
  /** When each poll came, and with what. */
  readonly polls: { readonly atMs: number; readonly body: string }[];
}

/** A real server that gives these replies one after the other, and the last one from then on. */
async function yardWith(...replies: Reply[]): Promise<Yard> {
  const polls: Yard['polls'] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const reply = replies[Math.min(polls.length, replies.length - 1)];
      polls.push({ atMs: performance.now(), body });
      reply?.(response);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, polls };
}

function refuses(error: string): Reply {
  return (response) =>
    response.writeHead(400).end(JSON.stringify({ error, message: 'words', detail: 'words' }));
}

const login = { token: 'jwt', access_token: 'jwt', token_type: 'bearer', expires_in: 86_400 };
const approves: Reply = (response) => response.end(JSON.stringify(login));
const cuts: Reply = (response) => response.socket?.destroy();
const pending = refuses('authorization_pending');

function poll({ baseUrl }: Yard, times: { expires_in: number; interval: number }, signal?: AbortSignal) {
  const client = createClient({ baseUrl, token: undefined });
  const never = new AbortController().signal;
  return pollForApproval(client, { device_code: 'secret-code', ...times }, signal ?? never);
}

function waits({ polls }: Yard): number[] {
  return polls.slice(1).map(({ atMs }, index) => atMs - (polls[index]?.atMs ?? 0));
}

test('asks with the device code until it is approved', async () => {
  const yard = await yardWith(pending, pending, approves);
  expect(await poll(yard, { expires_in: 60, interval: 0.05 })).toEqual(login);
  expect(yard.polls.map(({ body }) => body)).toEqual(Array(3).fill('{"device_code":"secret-code"}'));
});

test('keeps the interval', async () => {
  const yard = await yardWith(pending, approves);
  await poll(yard, { expires_in: 60, interval: 0.2 });
  expect(waits(yard)[0]).toBeGreaterThan(190);
});

test.each([
  [new Refusal(2, 'x', { status: 400, reason: 'authorization_pending' }), 7],
  [new Refusal(2, 'x', { status: 400, reason: 'slow_down' }), 12],
  [new Refusal(8, 'x', { status: 429, reason: undefined }), 12],
  [new Failure(7, 'unreachable'), 14],
])('after %o it asks again in %d s', (failure, seconds) => {
  expect(intervalAfter(failure, 7)).toBe(seconds);
});

test.each([
  ['access_denied', 'the sign-in was denied in the browser.'],
  ['expired_token', 'nobody approved the code in time. Run `backyard login` again.'],
])('%s ends it with exit code 3', async (word, message) => {
  const yard = await yardWith(pending, refuses(word));
  const work = poll(yard, { expires_in: 60, interval: 0.01 });
  await expect(work).rejects.toMatchObject({ exitCode: 3, message });
  expect(yard.polls).toHaveLength(2);
});

test('ends by itself when the time of the code is over', async () => {
  const yard = await yardWith(pending);
  const work = poll(yard, { expires_in: 0.3, interval: 0.1 });
  await expect(work).rejects.toMatchObject({ exitCode: 3, message: expect.stringContaining('in time') });
  expect(yard.polls.length).toBeGreaterThan(1);
});

test('goes on after cut connections, ever more slowly', async () => {
  const yard = await yardWith(cuts, cuts, approves);
  expect(await poll(yard, { expires_in: 60, interval: 0.1 })).toEqual(login);
  const [first = 0, second = 0] = waits(yard);
  expect(first).toBeGreaterThan(190);
  expect(second).toBeGreaterThan(390);
});

test('a server that is gone for good is unreachable', async () => {
  const yard = await yardWith(cuts);
  const work = poll(yard, { expires_in: 0.2, interval: 0.1 });
  await expect(work).rejects.toMatchObject({ exitCode: 7 });
});

test.each([
  [(response: ServerResponse) => response.writeHead(500).end('{}'), 1],
  [refuses('invalid_grant'), 2],
])('another refusal ends it at once', async (reply, exitCode) => {
  const yard = await yardWith(reply);
  await expect(poll(yard, { expires_in: 60, interval: 0.01 })).rejects.toMatchObject({ exitCode });
  expect(yard.polls).toHaveLength(1);
});

test('can be given up while it waits, and while it asks', async () => {
  const yard = await yardWith(() => undefined);
  const waiting = new AbortController();
  const first = poll(yard, { expires_in: 60, interval: 60 }, waiting.signal);
  waiting.abort();
  await expect(first).rejects.toThrow();
  expect(yard.polls).toEqual([]);
  const asking = new AbortController();
  const second = poll(yard, { expires_in: 60, interval: 0.01 }, asking.signal);
  const refused = expect(second).rejects.toThrow();
  await expect.poll(() => yard.polls.length).toBe(1);
  asking.abort();
  await refused;
});
