/**
 * What a browser, another site or a provider may try at sign-in. Each is refused as contract pgweb, section 2,
 * has it, and nobody is signed in.
 */
import { afterEach, describe, expect, test } from 'vitest';
import type { Answer } from './support/api.ts';
import { cookiesOf, locationOf, pathOf, Visitor } from './support/browser.ts';
import { type Misdeeds, startHostileProvider } from './support/hostile-provider.ts';
import { useSignIn } from './support/oidc-product.ts';
import { createPerson, uniqueName } from './support/people.ts';
import { until } from './support/until.ts';
import type { Me } from './support/wire.ts';

const pair = useSignIn(() => startHostileProvider(), { LOG_LEVEL: 'debug' });
const NO_SIGN_IN = 'State not found in session or session error';

afterEach(() => {
  pair().provider.misdeeds = {};
});

function visitor(): Visitor {
  return new Visitor(pair().product.url);
}

/** To the provider and back, but not yet through the callback. */
async function walk(who: Visitor): Promise<URL> {
  const begun = await who.get('/auth/login');
  pair().provider.secrets.push(...who.cookies.values());
  const away = await fetch(locationOf(begun), { redirect: 'manual' });
  return new URL(away.headers.get('location') ?? '');
}

async function arrive(who: Visitor, back: URL): Promise<Answer> {
  const answer = await who.get(pathOf(back.href));
  pair().provider.secrets.push(...who.cookies.values());
  return answer;
}

async function attempt(misdeeds: Misdeeds): Promise<{ who: Visitor; answer: Answer }> {
  pair().provider.misdeeds = misdeeds;
  const who = visitor();
  return { who, answer: await arrive(who, await walk(who)) };
}

/** Refused with exactly this, and nobody is signed in. */
async function expectRefusal(who: Visitor, answer: Answer, status: number, error: string): Promise<void> {
  expect({ status: answer.status, body: answer.body }).toEqual({ status, body: { error } });
  const started = cookiesOf(answer).filter(({ name, value }) => name.includes('session') && value !== '');
  expect(started).toEqual([]);
  expect((await who.get('/auth/me')).status).toBe(401);
}

test('without misdeeds it signs in', async () => {
  const { who, answer } = await attempt({});
  expect(answer.status, answer.text).toBe(302);
  expect((await who.get<Me>('/auth/me')).body).toMatchObject({ oidc_sub: 'mallory' });
});

describe('an ID token', () => {
  const expired = Math.floor(Date.now() / 1_000) - 3_600;

  test.each<[string, Misdeeds]>([
    ['for another audience', { claims: { aud: 'somebody-else' } }],
    ['for us and another, meant for the other', { claims: { aud: ['backyard-acceptance', 'b'], azp: 'b' } }],
    ['that has expired', { claims: { exp: expired } }],
    ['without an expiry', { claims: { exp: undefined } }],
    ['of another issuer', { claims: { iss: 'https://id.example.com' } }],
    ['without a subject', { claims: { sub: undefined } }],
    ['with a broken signature', { signature: 'broken' }],
    ['signed with a foreign key', { signature: 'other-key' }],
    ['with an unknown key id', { signature: 'unknown-kid' }],
    ['that is not signed', { signature: 'none' }],
    ['signed with our own secret', { signature: 'hs256-secret' }],
    ['signed with the public key as a secret', { signature: 'hs256-public-key' }],
  ])('%s', async (_what, misdeeds) => {
    const { who, answer } = await attempt(misdeeds);
    await expectRefusal(who, answer, 400, 'Failed to verify ID token');
  });

  test.each([{ nonce: 'of-another-sign-in' }, { nonce: undefined }])(
    'with the wrong nonce: %j',
    async (claims) => {
      const { who, answer } = await attempt({ claims });
      await expectRefusal(who, answer, 400, 'Invalid ID token nonce');
    },
  );

  test('that is not there', async () => {
    const { who, answer } = await attempt({ withoutIdToken: true });
    await expectRefusal(who, answer, 400, 'ID token missing');
  });
});

describe('a callback', () => {
  test('with a changed state, without one, or with two', async () => {
    for (const change of [
      (query: URLSearchParams) => query.set('state', 'x'.repeat(43)),
      (query: URLSearchParams) => query.delete('state'),
      (query: URLSearchParams) => query.set('state', ''),
    ]) {
      const who = visitor();
      const back = await walk(who);
      change(back.searchParams);
      await expectRefusal(who, await arrive(who, back), 400, 'Invalid OIDC state');
    }
    const who = visitor();
    const back = await walk(who);
    back.searchParams.append('state', 'another');
    await expectRefusal(who, await arrive(who, back), 400, 'Invalid OIDC state');
  });

  test('in a browser that began no sign-in', async () => {
    const back = await walk(visitor());
    const stranger = visitor();
    await expectRefusal(stranger, await arrive(stranger, back), 400, NO_SIGN_IN);
    const guesser = visitor();
    guesser.cookies.set('backyard_login', 'a'.repeat(43));
    await expectRefusal(guesser, await arrive(guesser, back), 400, NO_SIGN_IN);
  });

  test('of the attacker, in a browser that began its own sign-in', async () => {
    const back = await walk(visitor());
    const victim = visitor();
    await walk(victim);
    await expectRefusal(victim, await arrive(victim, back), 400, 'Invalid OIDC state');
  });

  test('that comes a second time, with the old cookie or without it', async () => {
    const who = visitor();
    const back = await walk(who);
    const loginCookie = who.cookies.get('backyard_login') ?? '';
    expect((await arrive(who, back)).status).toBe(302);
    for (const cookies of [[], [['backyard_login', loginCookie]] as const]) {
      const again = visitor();
      for (const [name, value] of cookies) again.cookies.set(name, value);
      await expectRefusal(again, await arrive(again, back), 400, NO_SIGN_IN);
    }
    expect((await who.get('/auth/me')).status).toBe(200);
  });

  test('that comes twice at the same time signs in once', async () => {
    const who = visitor();
    const back = await walk(who);
    const both = await Promise.all([1, 2].map(() => arrive(who, back)));
    expect(both.map(({ status }) => status).sort()).toEqual([302, 400]);
  });

  test('that was refused cannot be tried again', async () => {
    const { who, answer } = await attempt({ claims: { nonce: 'wrong' } });
    expect(answer.status).toBe(400);
    pair().provider.misdeeds = {};
    const back = await walk(who);
    const refused = new URL(back);
    refused.searchParams.set('code', 'guessed');
    expect((await arrive(who, refused)).status).toBe(400);
    await expectRefusal(who, await arrive(who, back), 400, NO_SIGN_IN);
  });

  test('with a code that was used before, in a sign-in of its own', async () => {
    const first = visitor();
    const used = await walk(first);
    expect((await arrive(first, used)).status).toBe(302);
    const who = visitor();
    const back = await walk(who);
    back.searchParams.set('code', used.searchParams.get('code') ?? '');
    await expectRefusal(who, await arrive(who, back), 400, 'Failed to exchange code for token');
  });

  test('with a code that was stolen from another browser: PKCE stops it', async () => {
    const stolen = await walk(visitor());
    const thief = visitor();
    const back = await walk(thief);
    back.searchParams.set('code', stolen.searchParams.get('code') ?? '');
    await expectRefusal(thief, await arrive(thief, back), 400, 'Failed to exchange code for token');
  });

  test('without a code', async () => {
    const who = visitor();
    const back = await walk(who);
    back.searchParams.delete('code');
    await expectRefusal(who, await arrive(who, back), 400, 'Failed to exchange code for token');
  });

  test.each(['https://id.example.com', null])('whose issuer is mixed up: %s', async (iss) => {
    const { who, answer } = await attempt({ iss });
    await expectRefusal(who, answer, 400, 'Invalid OIDC state');
  });

  test.each([
    ['access_denied', 'access_denied'],
    ['login_required', 'login_required'],
    ['<script>alert(1)</script>', 'unknown'],
    ['a\r\nb: c', 'unknown'],
    ['x'.repeat(500), 'unknown'],
  ])('that brings the error %j', async (error, code) => {
    const { who, answer } = await attempt({ error });
    await expectRefusal(who, answer, 400, `Sign-in was refused: ${code}`);
  });

  test('made up from nothing', async () => {
    for (const path of [
      '/auth/callback',
      '/auth/callback?code=a&state=b',
      '/auth/callback?error=access_denied',
    ]) {
      const who = visitor();
      await expectRefusal(who, await who.get(path), 400, NO_SIGN_IN);
    }
  });
});

describe('a provider that breaks on the way back', () => {
  test.each<Misdeeds>([
    { token: 500 },
    { token: 404 },
    { token: 'garbage' },
    { token: 'hang-up' },
    { token: 'hang' },
  ])('%j', async (misdeeds) => {
    const { who, answer } = await attempt(misdeeds);
    await expectRefusal(who, answer, 502, 'OIDC provider unavailable');
  });

  test.each<Misdeeds>([{ discovery: 500 }, { metadata: { issuer: 'https://id.example.com' } }])(
    'at the start: %j',
    async (misdeeds) => {
      const { product, provider } = pair();
      provider.misdeeds = misdeeds;
      await product.restart();
      const { status, body } = await visitor().get('/auth/login');
      expect({ status, body }).toEqual({ status: 503, body: { error: 'OIDC provider unavailable' } });
      provider.misdeeds = {};
      await until(async () => (await visitor().get('/auth/login')).status === 302, {
        what: 'the way is open',
      });
    },
  );
});

describe('an address that belongs to somebody', () => {
  test.each([{ email_verified: false }, {}, { email_verified: 'no' }])(
    'does not open their account unproven: %j',
    async (proof) => {
      const victim = await createPerson(pair().product, 'victim');
      const { who, answer } = await attempt({
        claims: { sub: uniqueName('mallory'), email: victim.email, ...proof },
      });
      expect(answer.status, answer.text).toBe(302);
      const me = (await who.get<Me>('/auth/me')).body;
      expect(me).toMatchObject({ email: '', is_admin: false });
      expect(me.internal_user_id).not.toBe(victim.internal_user_id);
      expect((await victim.api.get<Me>('/auth/me')).body.oidc_sub).toBe('');
    },
  );

  test('does not open two accounts of one provider, proven or not', async () => {
    const email = `${uniqueName('shared')}@example.com`;
    const ids = new Set<string>();
    for (const sub of ['one', 'two', 'three']) {
      const claims = { sub: uniqueName(sub), email, email_verified: true };
      const { who, answer } = await attempt({ claims });
      expect(answer.status, answer.text).toBe(302);
      ids.add((await who.get<Me>('/auth/me')).body.internal_user_id);
    }
    expect(ids.size).toBe(3);
  });

  test.each([
    'no-address',
    'a@b@c',
    `${'x'.repeat(300)}@example.com`,
    'line\nbreak@example.com',
    '\0@example.com',
    '',
  ])('that is none is not stored: %j', async (email) => {
    const { who, answer } = await attempt({
      claims: { sub: uniqueName('odd'), email, email_verified: true },
    });
    expect(answer.status, answer.text).toBe(302);
    expect((await who.get<Me>('/auth/me')).body.email).toBe('');
  });
});

test('nothing secret was logged', () => {
  const { provider, product } = pair();
  const secrets = [provider.clientSecret, ...provider.secrets].filter((secret) => secret.length > 8);
  expect(secrets.length).toBeGreaterThan(100);
  expect(secrets.filter((secret) => product.output.includes(secret))).toEqual([]);
});
