/** The pages on which people sign in and out, over HTTP. */
import { beforeAll, describe, expect, test } from 'vitest';
import { exchange } from './support/api.ts';
import { cookiesOf, locationOf } from './support/browser.ts';
import { Pages } from './support/pages.ts';
import { createPerson, type Person } from './support/people.ts';
import { type Product, useProduct, useProducts } from './support/product.ts';

const product = useProduct();
let pages: Pages;
let alice: Person;

beforeAll(async () => {
  pages = new Pages(product().url);
  alice = await createPerson(product(), 'alice');
});

describe('the sign-in page', () => {
  test('starts a session by a cookie and leads on', async () => {
    const { username, password } = alice;
    const fields = { username, password, return_to: '/device?code=BCDF-GHJK' };
    const answer = await pages.send('/sign-in', fields);
    expect({ status: answer.status, location: locationOf(answer) }).toEqual({
      status: 303,
      location: '/device?code=BCDF-GHJK',
    });
    expect(cookiesOf(answer)).toEqual([
      {
        name: 'backyard_session',
        value: expect.stringMatching(/^[\w-]{43}$/),
        attributes: ['httponly', 'max-age=604800', 'path=/', 'samesite=lax'],
      },
    ]);
  });

  test('gives a new session each time, and ends the one before', async () => {
    const { username, password } = alice;
    const before = await pages.cookieOf(alice);
    const answer = await pages.send('/sign-in', { username, password }, { cookie: before });
    expect(cookiesOf(answer)[0]?.value).not.toBe(before.split('=')[1]);
    expect((await pages.get('/device', { cookie: before })).status).toBe(303);
  });

  test.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    'device',
    '/x\r\nset-cookie: a=b',
    '',
  ])('leads nowhere but to a page of ours: %j', async (returnTo) => {
    const { username, password } = alice;
    const answer = await pages.send('/sign-in', { username, password, return_to: returnTo });
    expect(locationOf(answer)).toBe('/');
    const page = await pages.get(`/sign-in?${new URLSearchParams({ return_to: returnTo })}`);
    expect(page.text).not.toContain('return_to');
  });

  test('tells a wrong attempt in one sentence, without a cookie, and keeps what may be kept', async () => {
    for (const username of [alice.username, '"><img src=x>', 'nobody\0']) {
      const fields = { username, password: 'Wrong-p4ss', return_to: '/device' };
      const answer = await pages.send('/sign-in', fields);
      expect(answer.status).toBe(401);
      expect(answer.headers['set-cookie']).toBeUndefined();
      expect(answer.text).toContain('>The user name or the password is wrong.</p>');
      expect(answer.text).toContain('name="return_to" value="/device"');
      expect(answer.text).not.toMatch(/Wrong-p4ss|<img/);
    }
    expect((await pages.send('/sign-in', { username: alice.username, password: '' })).status).toBe(400);
  });

  test('signs nobody in or out for a page of another site', async () => {
    const { username, password } = alice;
    const cookie = await pages.cookieOf(alice);
    for (const foreign of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const answer = await pages.send('/sign-in', { username, password }, foreign);
      expect(answer.status).toBe(403);
      expect(answer.headers['set-cookie']).toBeUndefined();
      expect((await pages.send('/sign-out', {}, { cookie, ...foreign })).status).toBe(403);
    }
    expect((await pages.get('/device', { cookie })).status).toBe(200);
  });

  test('takes forms only, and small ones', async () => {
    const { username, password } = alice;
    const json = await exchange(product().url, {
      method: 'POST',
      path: '/sign-in',
      headers: { 'content-type': 'application/json' },
      raw: JSON.stringify({ username, password }),
    });
    expect(json.status).toBe(415);
    expect((await pages.send('/sign-in', { username, password: 'x'.repeat(20_000) })).status).toBe(413);
  });
});

test('signing out ends the session and takes the cookie away', async () => {
  const cookie = await pages.cookieOf(alice);
  expect((await pages.get('/sign-out', { cookie })).text).toContain('<h1>Sign out?</h1>');
  const answer = await pages.send('/sign-out', { return_to: '/device' }, { cookie });
  expect(answer.status).toBe(200);
  expect(cookiesOf(answer)).toMatchObject([{ name: 'backyard_session', value: '' }]);
  expect(answer.text).toContain('href="/sign-in?return_to=%2Fdevice"');
  expect((await pages.get('/device', { cookie })).status).toBe(303);
});

describe('every page', () => {
  const paths = ['/sign-in', '/sign-out', '/device'];

  test.each(paths)('%s names its methods', async (path) => {
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const headers = { 'content-type': 'application/json', 'content-length': 2 };
      const answer = await exchange(product().url, { method, path, headers, raw: '{}' });
      expect({ method, status: answer.status, allow: answer.headers.allow }).toEqual({
        method,
        status: 405,
        allow: 'GET, HEAD, POST',
      });
    }
  });

  test.each(paths)('%s is kept by nobody and lets nothing in', async (path) => {
    const answer = await pages.get(path, { cookie: await pages.cookieOf(alice) });
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; form-action 'self'; frame-ancestors 'none'; base-uri 'none'$/,
      ),
      'x-frame-options': 'DENY',
      'x-request-id': expect.any(String),
    });
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('behind a proxy that knows the people, with few attempts to sign in', () => {
  const products = useProducts();
  const env = {
    TRUSTED_PROXIES: '127.0.0.1',
    PGWEB_TRUSTED_HEADER: 'X-Auth-Email',
    LOGIN_RATE_LIMIT_PER_MINUTE: '6',
    LOGIN_RATE_LIMIT_BURST: '3',
  };
  const byProxy = { 'x-auth-email': 'ada@example.com' };

  async function expectApproval(there: Pages): Promise<void> {
    const { user_code } = await there.startDevice();
    const page = await there.get(`/device?code=${user_code}`, byProxy);
    expect(page.text).toContain('Signed in as <strong>ada</strong>.');
    // There is no session of ours to end.
    expect(page.text).not.toContain('Sign out');
    const foreign = { ...byProxy, origin: 'https://evil.example' };
    expect((await there.decide(user_code, foreign)).status).toBe(403);
    expect((await there.decide(user_code, byProxy)).text).toContain('<h1>Approved</h1>');
  }

  async function expectLimit(there: Pages, { adminUsername, adminPassword }: Product): Promise<void> {
    const fields = { username: adminUsername, password: 'wrong' };
    // A page of another site cannot use the attempts up.
    for (let tries = 0; tries < 5; tries++) {
      const foreign = await there.send('/sign-in', fields, { origin: 'https://evil.example' });
      expect(foreign.status).toBe(403);
    }
    expect((await there.send('/sign-in', fields)).status).toBe(401);
    expect((await there.send('/sign-in', fields)).status).toBe(401);
    const refused = await there.send('/sign-in', { ...fields, password: adminPassword });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.text).toMatch(/<h1>Too many attempts<\/h1>\s*<p>.* Try again in \d+ seconds?\.<\/p>/);
    expect(refused.headers['set-cookie']).toBeUndefined();
  }

  test('the proxy vouches for who approves, and the attempts of an address are counted', async () => {
    const started = await products.up({ env });
    const there = new Pages(started.url);
    // The start of the device sign-in is the first of three attempts.
    await expectApproval(there);
    await expectLimit(there, started);
  });
});
