/** Sessions of browsers and programs: started, listed, ended, and safe from other sites. */
import { describe, expect, test } from 'vitest';
import { type Answer, type Api, api, exchange } from './support/api.ts';
import { cookieOf } from './support/cookies.ts';
import { createPerson, type Person, signIn } from './support/people.ts';
import { useProduct } from './support/product.ts';

const product = useProduct();
const SESSIONS = '/api/v1/auth/sessions';

interface Listed {
  readonly total: number;
  readonly sessions: readonly { readonly id: string; readonly kind: string; readonly is_current: boolean }[];
}

function json(body: unknown) {
  return { raw: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

async function signInBrowser(person: Person, headers: Record<string, string> = {}): Promise<Answer> {
  const { raw, headers: type } = json({ username: person.username, password: person.password });
  return api(product().url).send({ method: 'POST', path: SESSIONS, raw, headers: { ...type, ...headers } });
}

/** A client that shows the cookie, as a browser would. */
function withCookie(cookie: { name: string; value: string }): Api {
  const plain = api(product().url);
  const send: Api['send'] = (sent) =>
    plain.send({ ...sent, headers: { cookie: `${cookie.name}=${cookie.value}`, ...sent.headers } });
  return {
    ...plain,
    send,
    get: (path) => send({ method: 'GET', path }),
    delete: (path) => send({ method: 'DELETE', path }),
    post: (path, body) => send({ method: 'POST', path, ...(body === undefined ? {} : json(body)) }),
  };
}

async function browserOf(person: Person): Promise<Api> {
  const answer = await signInBrowser(person);
  expect(answer.status, answer.text).toBe(201);
  return withCookie(cookieOf(answer, 'backyard_session'));
}

describe('a browser that signs in with a password', () => {
  test('gets a cookie that scripts and other sites cannot use, and nothing else that is secret', async () => {
    const person = await createPerson(product());
    const answer = await signInBrowser(person);
    const cookie = cookieOf(answer, 'backyard_session');
    expect(cookie.attributes).toEqual({ 'max-age': '604800', path: '/', httponly: '', samesite: 'Lax' });
    expect(Buffer.from(cookie.value, 'base64url')).toHaveLength(32);
    expect(answer.text).not.toContain(cookie.value);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.body).toMatchObject({ expires_in: 604_800, user: { username: person.username } });
    const browser = withCookie(cookie);
    for (const path of ['/auth/me', '/api/v1/auth/me', '/api/databases']) {
      expect((await browser.get(path)).status, path).toBe(200);
    }
  });

  test('gets a new value each time, and the one before it is dead', async () => {
    const person = await createPerson(product());
    const first = cookieOf(await signInBrowser(person), 'backyard_session');
    const second = cookieOf(
      await signInBrowser(person, { cookie: `backyard_session=${first.value}` }),
      'backyard_session',
    );
    expect(second.value).not.toBe(first.value);
    expect((await withCookie(first).get('/auth/me')).status).toBe(401);
    expect((await withCookie(second).get('/auth/me')).status).toBe(200);
  });

  test('is told what is wrong', async () => {
    const person = await createPerson(product());
    const anybody = api(product().url);
    expect((await anybody.post(SESSIONS, { username: person.username })).status).toBe(400);
    const wrong = await anybody.post(SESSIONS, { username: person.username, password: 'not it at all' });
    expect([wrong.status, wrong.headers['set-cookie']]).toEqual([401, undefined]);
  });
});

describe('a request that another site made the browser send', () => {
  const foreign = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { origin: 'http://127.0.0.1:1' },
  ];

  test('changes nothing, on every surface, in each one’s words', async () => {
    const browser = await browserOf(await createPerson(product()));
    for (const headers of foreign) {
      const create = await browser.send({
        method: 'POST',
        path: '/api/databases',
        raw: '{"name":"stolen"}',
        headers: { ...headers, 'content-type': 'application/json' },
      });
      expect([create.status, create.body]).toEqual([403, { error: 'Cross-site request refused' }]);
      const revoke = await browser.send({ method: 'DELETE', path: SESSIONS, headers });
      expect(revoke.status).toBe(403);
      expect(revoke.body).toMatchObject({ message: 'Cross-site request refused' });
    }
    const own = { origin: product().url, 'sec-fetch-site': 'same-origin' };
    const listed = await browser.send({
      method: 'GET',
      path: SESSIONS,
      headers: { origin: 'https://evil.example' },
    });
    expect(listed.status).toBe(200);
    const fine = await browser.send({ method: 'DELETE', path: SESSIONS, headers: own });
    expect(fine.status).toBe(200);
  });

  test('neither signs anybody in nor out', async () => {
    const person = await createPerson(product());
    expect((await signInBrowser(person, { origin: 'https://evil.example' })).status).toBe(403);
    const browser = await browserOf(person);
    const out = await browser.send({
      method: 'POST',
      path: '/auth/logout',
      headers: { origin: 'https://evil.example' },
    });
    expect([out.status, out.headers['set-cookie']]).toEqual([302, undefined]);
    expect((await browser.get('/auth/me')).status).toBe(200);
  });

  test('with a credential of its own is none of that: an Authorization header decides alone', async () => {
    const person = await createPerson(product());
    const sent = { method: 'DELETE', path: SESSIONS, headers: { origin: 'https://app.example' } };
    expect((await person.api.send(sent)).status).toBe(200);
    const browser = await browserOf(person);
    const headers = { authorization: 'Bearer nonsense' };
    expect((await browser.send({ method: 'GET', path: '/auth/me', headers })).status).toBe(401);
  });
});

describe('a request that names no host', () => {
  const hosts = ['', 'a b', 'a[b', 'name:99999', 'user@evil.example', 'evil.example/path?'];

  test.each(hosts)('is no fault of ours: %j', async (host) => {
    const start = { method: 'POST', path: '/api/v1/auth/device', ...json({}) };
    const device = await api(product().url).send({ ...start, headers: { ...start.headers, host } });
    expect(device.status, device.text).toBe(200);
    expect(device.text).not.toContain('evil');
    const callback = { method: 'GET', path: '/auth/callback?state=x' };
    const back = await exchange(product().url, {
      ...callback,
      headers: { host, cookie: 'backyard_login=x' },
    });
    expect([back.status, back.body]).toEqual([400, { error: 'State not found in session or session error' }]);
  });
});

describe('signing out', () => {
  test('ends the session and takes the cookie back, from an HTML form too', async () => {
    const browser = await browserOf(await createPerson(product()));
    const out = await browser.send({
      method: 'POST',
      path: '/auth/logout',
      raw: 'and=whatever',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect([out.status, out.headers.location]).toEqual([302, '/']);
    expect(cookieOf(out, 'backyard_session')).toMatchObject({ value: '', attributes: { 'max-age': '0' } });
    expect((await browser.get('/auth/me')).status).toBe(401);
    const again = await exchange(product().url, { method: 'POST', path: '/auth/logout' });
    expect([again.status, again.headers.location]).toEqual([302, '/']);
  });
});

describe('the list of sessions', () => {
  test('shows browsers and programs, newest first, pages, and knows which one asks', async () => {
    const person = await createPerson(product());
    const browser = await browserOf(person);
    const { status, body } = await browser.get<Listed>(SESSIONS);
    expect(status).toBe(200);
    expect(body.sessions.map(({ kind, is_current }) => [kind, is_current])).toEqual([
      ['browser', true],
      ['token', false],
    ]);
    expect(body.total).toBe(2);
    const page = await browser.get<Listed>(`${SESSIONS}?limit=1&offset=1`);
    expect(page.body.sessions).toEqual(body.sessions.slice(1));
    for (const query of ['limit=0', 'limit=101', 'limit=x', 'offset=-1']) {
      expect((await browser.get(`${SESSIONS}?${query}`)).status, query).toBe(400);
    }
  });

  test('ends a single one: a browser’s, a program’s; never a stranger’s', async () => {
    const [person, stranger] = [await createPerson(product()), await createPerson(product())];
    const browser = await browserOf(person);
    const { body } = await browser.get<Listed>(SESSIONS);
    const token = body.sessions.find(({ kind }) => kind === 'token')?.id ?? '';
    expect((await stranger.api.delete(`${SESSIONS}/${token}`)).status).toBe(404);
    expect((await api(product().url, person.jwt).get('/auth/me')).status).toBe(200);
    expect((await browser.delete(`${SESSIONS}/${token}`)).status).toBe(200);
    expect((await api(product().url, person.jwt).get('/auth/me')).status).toBe(401);
    expect((await browser.delete(`${SESSIONS}/no-such-id`)).status).toBe(404);
    expect((await browser.delete(`${SESSIONS}/current`)).status).toBe(200);
    expect((await browser.get('/auth/me')).status).toBe(401);
    // A key is no session, and outlives them all.
    expect((await person.api.delete(`${SESSIONS}/current`)).status).toBe(400);
    expect((await person.api.get('/auth/me')).status).toBe(200);
  });

  test('ends all others at once', async () => {
    const person = await createPerson(product());
    const browser = await browserOf(person);
    const program = api(product().url, await signIn(product(), person.username, person.password));
    const { body } = await browser.delete<{ revoked: number }>(SESSIONS);
    expect(body.revoked).toBe(2);
    expect((await program.get('/auth/me')).status).toBe(401);
    expect((await browser.get('/auth/me')).status).toBe(200);
  });
});

describe('a new password of one’s own', () => {
  const PASSWORD = '/api/v1/auth/password';

  test('ends what was begun with the old one and keeps the caller signed in', async () => {
    const person = await createPerson(product());
    const browser = await browserOf(person);
    const change = { current_password: person.password, new_password: 'Another-Battery-9' };
    const changed = await browser.post<{ token?: string }>(PASSWORD, change);
    expect([changed.status, changed.body.token]).toEqual([200, undefined]);
    expect((await browser.get('/auth/me')).status).toBe(401);
    expect((await withCookie(cookieOf(changed, 'backyard_session')).get('/auth/me')).status).toBe(200);
    expect((await api(product().url, person.jwt).get('/auth/me')).status).toBe(401);
    expect((await person.api.get('/auth/me')).status).toBe(200);
    const jwt = await signIn(product(), person.username, 'Another-Battery-9');
    const program = api(product().url, jwt);
    const back = { current_password: 'Another-Battery-9', new_password: person.password };
    const renewed = await program.post<{ token: string }>(PASSWORD, back);
    expect((await program.get('/auth/me')).status).toBe(401);
    expect((await api(product().url, renewed.body.token).get('/auth/me')).status).toBe(200);
  });

  test('is refused without the old one, and when it is too short', async () => {
    const person = await createPerson(product());
    const caller = api(product().url, person.jwt);
    const refusals = [
      [{ current_password: 'not it', new_password: 'Another-Battery-9' }, 403],
      [{ current_password: person.password, new_password: 'short' }, 400],
      [{ current_password: person.password, new_password: 'x'.repeat(1_025) }, 400],
      [{ current_password: person.password }, 400],
      [{ new_password: 'Another-Battery-9' }, 400],
      [{ current_password: 7, new_password: 'Another-Battery-9' }, 400],
    ] as const;
    for (const [body, status] of refusals) expect((await caller.post(PASSWORD, body)).status).toBe(status);
    expect((await caller.get('/auth/me')).status).toBe(200);
  });
});
