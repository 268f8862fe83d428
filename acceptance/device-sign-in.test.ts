/** Programs without a browser sign in: RFC 8628, over HTTP. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type Answer, type Api, api } from './support/api.ts';
import { superuser } from './support/cluster.ts';
import { Pages, type StartedDevice } from './support/pages.ts';
import { createPerson, deactivate, type Person } from './support/people.ts';
import { useProduct } from './support/product.ts';
import { until } from './support/until.ts';
import type { Me } from './support/wire.ts';

const product = useProduct();
let pages: Pages;
let nobody: Api;
let alice: Person;

beforeAll(async () => {
  pages = new Pages(product().url);
  nobody = api(product().url);
  alice = await createPerson(product(), 'alice');
});

describe('the device sign-in', () => {
  test('gives a program the session of the person who approves it', async () => {
    const started = await pages.startDevice();
    const { url } = product();
    expect(started).toEqual({
      device_code: expect.stringMatching(/^[\w-]{43}$/),
      user_code: expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
      verification_uri: `${url}/device`,
      verification_uri_complete: `${url}/device?code=${started.user_code}`,
      expires_in: 600,
      interval: 2,
    });
    expect(await pages.pollError(started)).toBe('authorization_pending');
    const cookie = await pages.cookieOf(alice);
    const page = await pages.get(`/device?code=${started.user_code}`, { cookie });
    expect(page.text).toContain('backyard on a test machine');
    expect(page.text).toContain(`Signed in as <strong>${alice.username}</strong>`);
    expect((await pages.decide(started.user_code, { cookie })).status).toBe(200);
    const { status, body, headers } = await pages.poll(started);
    expect({ status, body }).toEqual({
      status: 200,
      body: { token: body.token, access_token: body.token, token_type: 'bearer', expires_in: 86_400 },
    });
    expect(headers['cache-control']).toBe('no-store');
    const me = await api(url, body.token).get<Me>('/auth/me');
    expect(me.body.username).toBe(alice.username);
    expect(await pages.pollError(started)).toBe('expired_token');
    expect((await pages.decide(started.user_code, { cookie })).status).toBe(404);
  });

  test('gives one session, however many polls ask at once', async () => {
    const started = await pages.startDevice();
    await pages.decide(started.user_code, { cookie: await pages.cookieOf(alice) });
    const polls = await Promise.all(Array.from({ length: 10 }, () => pages.poll(started)));
    expect(polls.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(polls.filter(({ body }) => body.error === 'expired_token')).toHaveLength(9);
  });

  test('ends with access_denied when the person says so', async () => {
    const started = await pages.startDevice();
    const answer = await pages.decide(started.user_code, { cookie: await pages.cookieOf(alice) }, 'deny');
    expect(answer.text).toContain('<h1>Denied</h1>');
    expect(await pages.pollError(started)).toBe('access_denied');
  });

  test('tells a program that hurries to slow down, but not one that keeps the interval', async () => {
    const started = await pages.startDevice();
    expect(await pages.pollError(started)).toBe('authorization_pending');
    expect(await pages.pollError(started)).toBe('slow_down');
    await until(async () => (await pages.pollError(started)) === 'authorization_pending', {
      what: 'a poll after the interval is in time',
      everyMs: started.interval * 1_000,
    });
  });

  test('is over with its time, for the program and for the person', async () => {
    const started = await pages.startDevice();
    const past = `update backyard.device_requests set expires_at = now() where user_code = $1 returning 1`;
    const code = started.user_code.replace('-', '');
    expect(await superuser(product(), past, [code], 'backyard')).toHaveLength(1);
    expect((await pages.decide(started.user_code, { cookie: await pages.cookieOf(alice) })).status).toBe(404);
    expect(await pages.pollError(started)).toBe('expired_token');
  });

  test('outlives a restart of the server', async () => {
    const started = await pages.startDevice();
    await pages.decide(started.user_code, { cookie: await pages.cookieOf(alice) });
    await product().restart();
    expect((await pages.poll(started)).status).toBe(200);
  });

  test.each(['', '{}', '{"device_code":""}', '{"device_code":7}', '[]', '{'])(
    'refuses the poll %j',
    async (raw) => {
      const path = '/api/v1/auth/device/token';
      const headers = { 'content-type': 'application/json' };
      expect((await nobody.send({ method: 'POST', path, headers, raw })).status).toBe(400);
    },
  );

  test('knows no code that it did not give out', async () => {
    const device_code = 'x'.repeat(43);
    const { status, body } = await nobody.post('/api/v1/auth/device/token', { device_code });
    expect({ status, body }).toMatchObject({ status: 400, body: { error: 'expired_token' } });
  });

  test('takes names of programs up to 100 characters, and shows them as text', async () => {
    const tooLong = await nobody.post('/api/v1/auth/device', { client: 'x'.repeat(101) });
    expect(tooLong.status).toBe(400);
    const { user_code } = await pages.startDevice('<script>alert(1)</script>');
    const page = await pages.get(`/device?code=${user_code}`, { cookie: await pages.cookieOf(alice) });
    expect(page.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page.text).not.toContain('<script');
  });
});

describe('nothing is decided', () => {
  let started: StartedDevice;
  beforeAll(async () => {
    started = await pages.startDevice();
  });

  async function expectUndecided(): Promise<void> {
    const watcher = { cookie: await pages.cookieOf(await createPerson(product(), 'watcher')) };
    const page = await pages.get(`/device?code=${started.user_code}`, watcher);
    expect(page.status, page.text).toBe(200);
  }

  test('by somebody who is not signed in, or not any more', async () => {
    const leaver = await createPerson(product(), 'leaver');
    const ended = await pages.cookieOf(leaver);
    await deactivate(product(), leaver.username);
    for (const headers of [{}, { cookie: 'backyard_session=of-nobody' }, { cookie: ended }]) {
      const answer = await pages.decide(started.user_code, headers);
      expect({ status: answer.status, location: answer.headers.location }).toEqual({
        status: 303,
        location: `/sign-in?return_to=${encodeURIComponent(`/device?code=${started.user_code}`)}`,
      });
    }
    await expectUndecided();
  });

  test('by a page of another site', async () => {
    const cookie = await pages.cookieOf(alice);
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site' },
    ]) {
      const answer = await pages.decide(started.user_code, { cookie, ...headers });
      expect({ headers, status: answer.status }).toEqual({ headers, status: 403 });
      expect(answer.text).toContain('<h1>Refused</h1>');
    }
    await expectUndecided();
  });

  test('by an API key, or by looking', async () => {
    const key = { authorization: `Bearer ${alice.api.token}` };
    expect((await pages.get(`/device?code=${started.user_code}`, key)).status).toBe(200);
    for (const decision of ['approve', 'deny']) {
      const answer = await pages.decide(started.user_code, key, decision);
      expect({ decision, status: answer.status }).toEqual({ decision, status: 403 });
      expect(answer.text).toContain('An API key cannot sign a program in.');
    }
    await expectUndecided();
  });

  test('by a form that says neither yes nor no', async () => {
    const cookie = await pages.cookieOf(alice);
    for (const decision of ['', 'APPROVE', 'maybe']) {
      expect((await pages.decide(started.user_code, { cookie }, decision)).status).toBe(400);
    }
    await expectUndecided();
  });

  test('by trying codes: the tries of a person are counted', async () => {
    const cookie = await pages.cookieOf(await createPerson(product(), 'guesser'));
    const answers: Answer<string>[] = [];
    for (let tries = 0; tries < 40; tries++) answers.push(await pages.decide('BCDF-GHJK', { cookie }));
    expect(answers.slice(0, 20).map(({ status }) => status)).toEqual(Array(20).fill(404));
    expect(answers.at(-1)?.status).toBe(429);
    expect(Number(answers.at(-1)?.headers['retry-after'])).toBeGreaterThan(0);
    expect((await pages.decide(started.user_code, { cookie })).status).toBe(429);
    await expectUndecided();
  });
});
