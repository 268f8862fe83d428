import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createClient } from './client.ts';
import { send } from './http.ts';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A real HTTP server that says what a test wants; gives its address. */
async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

const key = {
  id: 1,
  name: 'ci',
  created_at: '2031-05-05T12:00:00Z',
  revoked_at: null,
  prefix: 'sk_live_abc',
  expires_at: null,
  last_used_at: null,
  scopes: null,
};

test('sends method, path, credential and body as the contract has them', async () => {
  const seen: string[] = [];
  const baseUrl = await listen((request, response) => {
    request.setEncoding('utf8').on('data', (chunk: string) => seen.push(chunk));
    request.on('end', () => {
      seen.unshift(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.writeHead(200).end('{"message":"API key revoked successfully"}');
    });
  });
  const client = createClient({ baseUrl: `${baseUrl}/below`, token: 'a-token' });
  await client.call('api-key.revoke', { params: { id: '../7?x' } });
  expect(seen).toEqual(['DELETE /below/api/v1/auth/api-keys/..%2F7%3Fx Bearer a-token']);
  await expect(client.call('api-key.create', { body: { name: 'ci' } })).rejects.toThrow();
  expect(seen.slice(0, 1)).toEqual(['POST /below/api/v1/auth/api-keys Bearer a-token']);
  expect(seen).toContain('{"name":"ci"}');
});

test('what is asked for stands in the query, as text', async () => {
  let asked: string | undefined;
  const baseUrl = await listen((request, response) => {
    asked = request.url;
    response.end('{"users":[],"total":0}');
  });
  const query = { limit: 100, skip: 0, is_active: false };
  await createClient({ baseUrl, token: 'x' }).call('user.list', { query });
  expect(asked).toBe('/api/v1/users?limit=100&skip=0&is_active=false');
});

test('gives the checked body, with fields that it does not know', async () => {
  const keys = [{ ...key, later: true }];
  const baseUrl = await listen((_request, response) => response.end(JSON.stringify(keys)));
  expect(await createClient({ baseUrl, token: 'x' }).call('api-key.list', {})).toEqual(keys);
});

test.each([
  ['a page', '<html>hello</html>'],
  ['another shape', JSON.stringify([{ ...key, id: 'seven' }])],
  ['nothing', ''],
])('%s instead of the promised body is an error with exit code 1', async (_case, text) => {
  const baseUrl = await listen((_request, response) => response.end(text));
  const call = createClient({ baseUrl, token: 'x' }).call('api-key.list', {});
  await expect(call).rejects.toMatchObject({
    exitCode: 1,
    message: expect.stringContaining('did not answer as Backyard does'),
  });
});

test('without a credential nothing is sent', async () => {
  let requests = 0;
  const baseUrl = await listen((_request, response) => {
    requests += 1;
    response.end('[]');
  });
  const call = createClient({ baseUrl, token: undefined }).call('api-key.list', {});
  await expect(call).rejects.toMatchObject({ exitCode: 3 });
  expect(requests).toBe(0);
});

test('a credential does not follow a redirect to another server', async () => {
  let reached = false;
  const other = await listen((_request, response) => {
    reached = true;
    response.end('[]');
  });
  const baseUrl = await listen((_request, response) => response.writeHead(302, { location: other }).end());
  const call = createClient({ baseUrl, token: 'x' }).call('api-key.list', {});
  await expect(call).rejects.toMatchObject({ exitCode: 1, message: expect.stringContaining(other) });
  expect(reached).toBe(false);
});

test.each(['GET', 'POST'])('a server that never answers a %s ends at the deadline', async (method) => {
  const baseUrl = await listen(() => undefined);
  const sent = send({ method, url: new URL(baseUrl), headers: {}, deadlineMs: 200 });
  await expect(sent).rejects.toMatchObject({
    exitCode: 7,
    message: expect.stringMatching(/^http:\S+ did not answer within 0.2 s\./),
  });
});

test('a call can be given up before its deadline', async () => {
  const controller = new AbortController();
  const baseUrl = await listen(() => controller.abort());
  const call = createClient({ baseUrl, token: 'x' }).call('api-key.list', {}, { signal: controller.signal });
  await expect(call).rejects.toThrow();
});

test('an answer that stops in the middle ends at the deadline too', async () => {
  const baseUrl = await listen((_request, response) => response.write('['));
  const sent = send({ method: 'GET', url: new URL(baseUrl), headers: {}, deadlineMs: 200 });
  await expect(sent).rejects.toMatchObject({ exitCode: 7 });
});

test('a cut connection and a closed port are unreachable, each with its reason', async () => {
  const baseUrl = await listen((request) => request.socket.destroy());
  const client = createClient({ baseUrl, token: 'x' });
  await expect(client.call('api-key.list', {})).rejects.toMatchObject({
    exitCode: 7,
    message: expect.stringContaining('the connection was cut'),
  });
  await new Promise((resolve) => servers.splice(0)[0]?.close(resolve));
  await expect(client.call('api-key.list', {})).rejects.toMatchObject({
    exitCode: 7,
    message: `cannot reach ${baseUrl}: connection refused. Is Backyard running? Start it, or name another address with --url or BACKYARD_URL.`,
  });
});
