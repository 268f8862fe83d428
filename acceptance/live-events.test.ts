/** Events over a WebSocket: who may listen, what they hear, and what ends it. */
import { beforeAll, describe, expect, test } from 'vitest';
import { api } from './support/api.ts';
import { hasBrowser, useBrowser } from './support/browser.ts';
import { createKey, createPerson, type Person, theAdmin } from './support/people.ts';
import { useProduct, useProducts } from './support/product.ts';
import { createDatabase, softDelete } from './support/resources.ts';
import { browserSession, EVENTS, listen, ticketOf, useSockets, withToken } from './support/socket.ts';

const open = useSockets();
const MISSING = { code: 4001, reason: 'No authentication token provided' };
const INVALID = { code: 4001, reason: 'Invalid or expired token' };
const DISABLED = { code: 4001, reason: 'User account is disabled' };

describe('one product', () => {
  const product = useProduct({ env: { WS_MAX_CONNECTIONS_PER_USER: '3' } });
  let person: Person;
  beforeAll(async () => {
    person = await createPerson(product());
  });

  describe('a socket is opened', () => {
    test('by each of the credentials that a person has', async () => {
      const somebody = await createPerson(product());
      const { cookie } = await browserSession(product(), somebody);
      const key = somebody.api.token ?? '';
      const token = await somebody.api.post<{ token: string }>('/api/v1/auth/tokens', { name: 'a token' });
      const protocol = `authorization.bearer.${somebody.jwt}`;
      const openings = [
        { protocols: [protocol] },
        { path: `${EVENTS}?ticket=${await ticketOf(somebody.api)}` },
        { path: `${EVENTS}?token=${key}` },
        withToken(token.body.token),
        { headers: { cookie, origin: product().url } },
      ];
      for (const opening of openings) {
        const client = await open(product(), opening).greeted();
        expect(client.socket.protocol).toBe('protocols' in opening ? protocol : '');
        client.socket.close();
        await client.ended();
      }
    });

    test('by a ticket once, and as long as what made it is good', async () => {
      const ticket = await ticketOf(person.api);
      const path = `${EVENTS}?ticket=${ticket}`;
      await open(product(), { path }).greeted();
      expect(await open(product(), { path }).ended()).toEqual(INVALID);
      const { id, key } = await createKey(person.api);
      const dead = await ticketOf(api(product().url, key));
      await person.api.delete(`/api/v1/auth/api-keys/${id}`);
      expect(await open(product(), { path: `${EVENTS}?ticket=${dead}` }).ended()).toEqual(INVALID);
    });

    test('by nobody else: the upgrade is accepted, and closed with a word', async () => {
      const { cookie } = await browserSession(product(), person);
      const bad = [
        [{}, MISSING],
        [{ headers: { cookie } }, MISSING],
        [{ headers: { cookie, origin: 'https://evil.example.com' } }, MISSING],
        [{ headers: { authorization: 'Basic YTpi' } }, MISSING],
        [withToken('swordfish'), INVALID],
        [{ path: `${EVENTS}?token=swordfish` }, INVALID],
        [{ path: `${EVENTS}?ticket=swordfish` }, INVALID],
        [{ protocols: ['authorization.bearer.swordfish'] }, INVALID],
        [{ headers: { cookie: 'backyard_session=swordfish', origin: product().url } }, INVALID],
      ] as const;
      for (const [opening, closed] of bad) {
        const client = open(product(), opening);
        let isOpen = false;
        client.socket.once('open', () => {
          isOpen = true;
        });
        expect(await client.ended(), JSON.stringify(opening)).toEqual(closed);
        expect([isOpen, client.messages]).toEqual([true, []]);
      }
      expect(product().output).not.toContain('swordfish');
    });

    test('as often as the operator lets one', async () => {
      const somebody = await createPerson(product());
      const clients = [];
      for (let i = 0; i < 3; i++) clients.push(await listen(open, product(), somebody.jwt));
      const closed = { code: 1013, reason: 'Too many connections' };
      expect(await open(product(), withToken(somebody.jwt)).ended()).toEqual(closed);
      clients[0]?.socket.close();
      await clients[0]?.ended();
      await listen(open, product(), somebody.jwt);
    });

    test('by upgrading: a plain request is told so', async () => {
      const answer = await person.api.get(EVENTS);
      const detail = 'Upgrade Required';
      expect([answer.status, answer.body]).toEqual([426, { message: detail, detail }]);
      expect(answer.headers.upgrade).toBe('websocket');
    });
  });

  describe('a listener', () => {
    test('hears of their own resources within a second, and of nobody else’s', async () => {
      const [somebody, other] = [await createPerson(product()), await createPerson(product())];
      const admin = await theAdmin(product());
      const [theirs, others, all] = [
        await listen(open, product(), somebody.jwt),
        await listen(open, product(), other.jwt),
        await listen(open, product(), admin.jwt),
      ];
      const { database_id } = await createDatabase(somebody.api);
      for (const client of [theirs, all]) {
        expect(await client.eventsOf(database_id, 2)).toEqual(['database.create', 'database.settled']);
      }
      await softDelete(somebody.api, database_id);
      expect((await theirs.eventsOf(database_id, 3))[2]).toBe('database.delete');
      const own = await createDatabase(other.api);
      await others.eventsOf(own.database_id, 2);
      expect(others.events.filter(({ resource_id }) => resource_id !== own.database_id)).toEqual([]);
      expect(theirs.events.filter(({ root_id }) => root_id !== database_id)).toEqual([]);
    });

    test('who comes back is told what they missed, in order and once', async () => {
      const client = await listen(open, product(), person.jwt);
      const first = await createDatabase(person.api);
      await client.eventsOf(first.database_id, 2);
      const last = client.events.at(-1)?.id ?? 0;
      client.socket.close();
      await client.ended();
      const second = await createDatabase(person.api);
      const again = await listen(open, product(), person.jwt, `${EVENTS}?after=${last}`);
      const third = await createDatabase(person.api);
      await again.eventsOf(third.database_id, 2);
      const ids = again.events.map(({ id }) => id);
      expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
      expect(again.events.map(({ resource_id }) => resource_id)).toEqual(
        [second, second, third, third].map(({ database_id }) => database_id),
      );
      expect(again.lastEventId).toBeGreaterThan(last);
      const future = await listen(
        open,
        product(),
        person.jwt,
        `${EVENTS}?after=${again.lastEventId + 1_000_000}`,
      );
      await expect.poll(() => future.messages[1]).toEqual({ type: 'reset' });
    });

    test('is answered, and held to the rules of a socket', async () => {
      const client = await listen(open, product(), person.jwt);
      client.socket.send('PING');
      client.socket.send('well?');
      await expect.poll(() => client.messages.slice(1)).toEqual(['pong', { type: 'echo', message: 'well?' }]);
      client.socket.send(Buffer.from([1, 2, 3]));
      expect((await client.ended()).code).toBe(1003);
      const long = await listen(open, product(), person.jwt);
      long.socket.send('x'.repeat(4_097));
      expect((await long.ended()).code).toBe(1009);
      const loud = await listen(open, product(), person.jwt);
      for (let i = 0; i < 21; i++) loud.socket.send('ping');
      expect((await loud.ended()).code).toBe(1008);
    });
  });

  describe('an open socket is closed', () => {
    test('when its key expires', async () => {
      const body = { name: 'brief', expires_at: new Date(Date.now() + 1_500).toISOString() };
      const { body: created } = await person.api.post<{ token: string }>('/api/v1/auth/tokens', body);
      const client = await listen(open, product(), created.token);
      expect(await client.ended(4_000)).toEqual(INVALID);
    });

    test('when its user is deactivated by the operators’ entry', async () => {
      const somebody = await createPerson(product());
      const client = await listen(open, product(), somebody.jwt);
      const done = await product().admin(['deactivate-user', '--username', somebody.username]);
      expect(done.code, done.output).toBe(0);
      expect(await client.ended()).toEqual(DISABLED);
    });
  });

  describe.skipIf(!hasBrowser())('in a browser', () => {
    const visit = useBrowser();

    /** What a page sees of a socket: its first message, or how it was closed. */
    async function fromPage(path: string, protocols: string[], signsIn = false): Promise<unknown> {
      const page = await (await visit()).newPage();
      if (path !== '') await page.goto(`${product().url}${path}`);
      const { username, password } = person;
      const status = signsIn ? await page.evaluate(signInThere, { username, password }) : 201;
      expect(status).toBe(201);
      return page.evaluate(firstWord, { url: `${product().url.replace('http', 'ws')}${EVENTS}`, protocols });
    }

    test('a page opens one by the subprotocol, and can read why it was closed', async () => {
      const protocol = `authorization.bearer.${person.jwt}`;
      expect(await fromPage('', [protocol])).toMatchObject({ said: { type: 'hello' }, protocol });
      expect(await fromPage('', ['authorization.bearer.swordfish'])).toEqual(INVALID);
      expect(await fromPage('/docs/', [])).toEqual(MISSING);
    });

    test('a page of our own opens one by the cookie of the person who signed in', async () => {
      expect(await fromPage('/docs/', [], true)).toMatchObject({ said: { type: 'hello' }, protocol: '' });
    });
  });
});

/** Runs in the page. */
async function signInThere(body: { username: string; password: string }): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch('/api/v1/auth/sessions', {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  return answer.status;
}

/** Runs in the page. */
function firstWord({ url, protocols }: { url: string; protocols: string[] }): Promise<unknown> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, protocols);
    socket.onmessage = ({ data }) => resolve({ said: JSON.parse(data), protocol: socket.protocol });
    socket.onclose = ({ code, reason }) => resolve({ code, reason });
  });
}

const stopping = useProducts();

test('a product that stops tells those who listen, and is gone in time', async () => {
  const product = await stopping.up();
  const admin = await theAdmin(product);
  const clients = [await listen(open, product, admin.jwt), await listen(open, product, admin.jwt)];
  clients[1]?.socket.pause();
  await product.stop();
  expect(await clients[0]?.ended()).toEqual({ code: 1001, reason: 'Server is shutting down' });
  expect(product.exitCode).toBe(0);
  expect(product.output).not.toContain('abandoned');
});
