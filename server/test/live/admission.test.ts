/** Who gets a socket, by which credential, and what the others are told. */
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Caller } from '../../src/domain/caller.ts';
import { parseAddressList } from '../../src/kernel/address-list.ts';
import { createTicket } from '../../src/operations/ticket/create.ts';
import { revokeApiKey } from '../../src/store/api-keys.ts';
import { notifyUserChanged } from '../../src/store/changes.ts';
import { ORIGIN } from '../operations/support/operation-suite.ts';
import { type Client, EVENTS, liveSuite } from './support/live-suite.ts';

const suite = liveSuite();
const MISSING = { code: 4001, reason: 'No authentication token provided' };
const INVALID = { code: 4001, reason: 'Invalid or expired token' };

async function welcomed(client: Client): Promise<void> {
  await expect.poll(() => client.hello?.type ?? client.closed).toBe('hello');
}

async function refused(client: Client, closed: object): Promise<void> {
  await expect.poll(() => client.closed).toEqual(closed);
  expect(client.messages).toEqual([]);
}

async function ticketOf(caller: Caller): Promise<string> {
  const invocation = { caller, origin: ORIGIN, input: undefined };
  return (await createTicket.invoke(suite.operations.context, invocation)).ticket;
}

async function bare(caller: Caller): Promise<string> {
  return (await suite.bearerOf(caller)).slice('Bearer '.length);
}

async function cookieOf(caller: Caller): Promise<string> {
  return `backyard_session=${(await suite.operations.startSession(caller.userId, 'cookie')).secret}`;
}

describe('a socket opens', () => {
  test('by a subprotocol, which is echoed as it came, for a session and a key', async () => {
    const caller = await suite.newCaller();
    for (const token of [await bare(caller), (await suite.newKey(caller)).token]) {
      const protocol = `authorization.bearer.${token}`;
      const client = suite.port.connect({ protocols: ['chat', protocol] });
      await welcomed(client);
      expect(client.socket.protocol).toBe(protocol);
    }
  });

  test('by a ticket, a token in the query, or the header', async () => {
    const caller = await suite.newCaller();
    const paths = [`${EVENTS}?ticket=${await ticketOf(caller)}`, `${EVENTS}?token=${await bare(caller)}`];
    for (const path of paths) {
      const client = suite.port.connect({ path });
      await welcomed(client);
      expect(client.socket.protocol).toBe('');
    }
    await welcomed(suite.port.connect({ authorization: await suite.bearerOf(caller) }));
  });

  test('by a cookie from a page of our own', async () => {
    const headers = { cookie: await cookieOf(await suite.newCaller()), origin: suite.port.url };
    await welcomed(suite.port.connect({ headers }));
    const port = await suite.listen({ web: { publicUrl: new URL('https://backyard.example.org/') } });
    const secured = `__Host-${await cookieOf(await suite.newCaller())}`;
    await welcomed(port.connect({ headers: { cookie: secured, origin: 'https://backyard.example.org' } }));
    await refused(port.connect({ headers: { cookie: secured, origin: port.url } }), MISSING);
  });

  test('by the word of a proxy that is believed, from a page of our own', async () => {
    const trustedProxies = parseAddressList(['127.0.0.1']);
    if ('odd' in trustedProxies) throw new Error('the list is odd');
    const port = await suite.listen({ web: { trustedProxies, trustedHeader: 'x-auth-email' } });
    const headers = { 'x-auth-email': 'proxied@example.org' };
    await refused(port.connect({ headers: { ...headers, origin: 'https://evil.example.com' } }), MISSING);
    await refused(port.connect({ headers }), MISSING);
    await welcomed(port.connect({ headers: { ...headers, origin: port.url } }));
  });

  test('and costs one token of the user’s limit', async () => {
    const caller = await suite.operations.newCaller({ rateLimitPerSecond: 1, rateLimitBurst: 2 });
    const authorization = await suite.bearerOf(caller);
    await welcomed(suite.port.connect({ authorization }));
    const { headers } = await suite.port.app.inject({ url: '/api/v1/auth/me', headers: { authorization } });
    expect(headers['x-ratelimit-remaining']).toBe('0');
    await refused(suite.port.connect({ authorization }), { code: 1013, reason: 'Rate limit exceeded' });
  });

  test('of credentials, the first in the published order decides alone', async () => {
    const caller = await suite.newCaller();
    const good = await bare(caller);
    const key = (await suite.newKey(caller)).token;
    const cookie = await cookieOf(caller);
    const protocols = (token: string) => [`authorization.bearer.${token}`];
    const bad = 'swordfish';
    const query = (parts: Record<string, string>) => `${EVENTS}?${new URLSearchParams(parts)}`;
    const ticket = await ticketOf(caller);
    await refused(
      suite.port.connect({ protocols: protocols(bad), path: query({ ticket, token: good }) }),
      INVALID,
    );
    // It was not looked at, so it is still good.
    await welcomed(
      suite.port.connect({ path: query({ ticket, token: bad }), authorization: `Bearer ${bad}` }),
    );
    await refused(suite.port.connect({ path: query({ ticket, token: good }) }), INVALID);
    await refused(
      suite.port.connect({ path: query({ token: bad }), authorization: `Bearer ${good}` }),
      INVALID,
    );
    const headers = { cookie, origin: suite.port.url };
    await refused(suite.port.connect({ authorization: `Bearer ${bad}`, headers }), INVALID);
    await welcomed(suite.port.connect({ protocols: protocols(key), path: query({ token: bad }), headers }));
  });
});

describe('a socket is closed at once, with a word', () => {
  test('when nothing was shown, or a page of another site shows a cookie', async () => {
    const cookie = await cookieOf(await suite.newCaller());
    await refused(suite.port.connect(), MISSING);
    await refused(suite.port.connect({ path: `${EVENTS}?token=&ticket=` }), MISSING);
    await refused(suite.port.connect({ authorization: 'Basic YTpi' }), MISSING);
    await refused(suite.port.connect({ headers: { cookie } }), MISSING);
    for (const origin of [
      'https://evil.example.com',
      'null',
      suite.port.url.replace('127.0.0.1', 'localhost'),
    ]) {
      await refused(suite.port.connect({ headers: { cookie, origin } }), MISSING);
    }
  });

  test('when what was shown is not good any more', async () => {
    const caller = await suite.newCaller();
    const { key, token } = await suite.newKey(caller);
    await revokeApiKey(suite.operations.store, key.id);
    await notifyUserChanged(suite.operations.store, caller.userId);
    const wellFormed = token.replace(/.$/, token.endsWith('A') ? 'B' : 'A');
    for (const bad of [token, wellFormed, 'swordfish', 'a.b.c']) {
      await refused(suite.port.connect({ authorization: `Bearer ${bad}` }), INVALID);
    }
    await refused(suite.port.connect({ path: `${EVENTS}?ticket=swordfish` }), INVALID);
    const headers = { cookie: 'backyard_session=swordfish', origin: suite.port.url };
    await refused(suite.port.connect({ headers }), INVALID);
  });

  test('when the user has as many as they may, and not longer than that', async () => {
    const port = await suite.listen({ maxSocketsPerUser: 2 });
    const [caller, other] = [await suite.newCaller(), await suite.newCaller()];
    const authorization = await suite.bearerOf(caller);
    const [first, second] = [port.connect({ authorization }), port.connect({ authorization })];
    await Promise.all([welcomed(first), welcomed(second)]);
    await refused(port.connect({ authorization }), { code: 1013, reason: 'Too many connections' });
    await welcomed(port.connect({ authorization: await suite.bearerOf(other) }));
    first.socket.close();
    await expect.poll(() => first.closed).toBeDefined();
    await welcomed(port.connect({ authorization }));
  });

  test('when the query cannot be read, or the key reaches not so far', async () => {
    const caller = await suite.newCaller();
    const authorization = await suite.bearerOf(caller);
    for (const after of ['x', '-1', '1.5', '9'.repeat(16)]) {
      const closed = { code: 1008, reason: 'after must be the id of an event' };
      await refused(suite.port.connect({ authorization, path: `${EVENTS}?after=${after}` }), closed);
    }
    const { token } = await suite.newKey(caller, ['account:write']);
    const closed = { code: 4003, reason: 'This key lacks the scope database:read' };
    await refused(suite.port.connect({ authorization: `Bearer ${token}` }), closed);
  });
});

describe('what does not upgrade', () => {
  interface Answer {
    readonly status: number | undefined;
    readonly headers: Record<string, unknown>;
    readonly body: string;
  }

  function ask(path: string, headers: Record<string, string>, method = 'GET'): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest(`${suite.port.url}${path}`, { method, headers, agent: false });
      outgoing.on('error', reject);
      outgoing.on('upgrade', (_response, socket) => {
        socket.destroy();
        reject(new Error('it upgraded'));
      });
      outgoing.on('response', (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
      });
      outgoing.end();
    });
  }

  const UPGRADE = {
    connection: 'upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  const REQUIRED = { message: 'Upgrade Required', detail: 'Upgrade Required' };

  test('is told to, whoever asks', async () => {
    for (const headers of [{}, { authorization: 'Bearer swordfish' }]) {
      const answer = await ask(EVENTS, headers);
      expect([answer.status, JSON.parse(answer.body)]).toEqual([426, REQUIRED]);
      expect(answer.headers).toMatchObject({ upgrade: 'websocket', 'sec-websocket-version': '13' });
    }
    expect((await ask(EVENTS, {}, 'HEAD')).status).toBe(426);
  });

  test('is told which upgrade it takes, when it asks for another one', async () => {
    const odd = [
      { ...UPGRADE, upgrade: 'h2c' },
      { ...UPGRADE, 'sec-websocket-version': '7' },
      { ...UPGRADE, 'sec-websocket-key': 'short' },
    ];
    for (const headers of odd) expect((await ask(EVENTS, headers)).status).toBe(426);
  });

  test('is answered as ever on other routes, and by other methods', async () => {
    expect((await ask('/healthz', UPGRADE)).body).toBe('{"status":"ok"}');
    expect((await ask('/api/v1/ws/none', UPGRADE)).status).toBe(404);
    const wrongMethod = await ask(EVENTS, UPGRADE, 'POST');
    expect([wrongMethod.status, wrongMethod.headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  test('keeps its connection for what comes next', async () => {
    const { hostname, port } = new URL(suite.port.url);
    const socket = connect(Number(port), hostname);
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    const lines = Object.entries({ ...UPGRADE, host: hostname }).map(([name, value]) => `${name}: ${value}`);
    const asked = (path: string) => `GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
    for (const count of [1, 2, 3]) {
      socket.write(asked(count === 2 ? EVENTS.replace('events', 'none') : '/healthz'));
      await expect.poll(() => text.match(/HTTP\/1\.1 /g)?.length).toBe(count);
    }
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 200']);
    socket.destroy();
  });
});
