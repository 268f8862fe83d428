/** Sign-in by an organisation's provider: contract pgweb, sections 2 and 4.2. */
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { cookiesOf, locationOf, pathOf, Visitor } from './support/browser.ts';
import { useSignIn } from './support/oidc-product.ts';
import { startOidcProvider } from './support/oidc-provider.ts';
import { uniqueName } from './support/people.ts';
import { useProducts } from './support/product.ts';
import { until } from './support/until.ts';
import type { Me } from './support/wire.ts';

const pair = useSignIn(startOidcProvider, { TRUSTED_PROXIES: '127.0.0.1', LOG_LEVEL: 'debug' });
const products = useProducts();

/** All that may never be seen in a log. */
const secrets: string[] = [];
let login: string;

beforeEach(() => {
  login = uniqueName('ada');
  const email = `${login}@example.com`;
  pair().provider.accounts.set(login, { subject: `subject-of-${login}`, email, isEmailVerified: true });
});

function visitor(headers: Record<string, string> = {}): Visitor {
  return new Visitor(pair().product.url, headers);
}

/** To the provider and back, but not yet through the callback. */
async function walk(who: Visitor, query = ''): Promise<string> {
  const location = locationOf(await who.get(`/auth/login${query}`));
  const back = await pair().provider.walk(location, login);
  const asked = new URL(location).searchParams;
  const code = new URL(back).searchParams.get('code');
  secrets.push(asked.get('state') ?? '', asked.get('nonce') ?? '', code ?? '', ...who.cookies.values());
  return back;
}

async function signIn(who: Visitor, query = '') {
  const answer = await who.get(pathOf(await walk(who, query)));
  expect(answer.status, answer.text).toBe(302);
  secrets.push(...who.cookies.values());
  return answer;
}

describe('/auth/login', () => {
  test.each(['GET', 'POST'])(
    '%s sends the browser to the provider, with PKCE, state and nonce',
    async (method) => {
      const { provider, product } = pair();
      const answer = await visitor().send(method, '/auth/login');
      expect(answer).toMatchObject({ status: 302, text: '' });
      const location = new URL(locationOf(answer));
      expect(location.origin).toBe(provider.issuer);
      const asked = Object.fromEntries(location.searchParams);
      expect(asked).toMatchObject({
        response_type: 'code',
        client_id: provider.clientId,
        redirect_uri: `${product.url}/auth/callback`,
        code_challenge_method: 'S256',
        code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      });
      expect(asked.scope?.split(' ').sort()).toEqual(['email', 'openid', 'profile']);
      for (const name of ['state', 'nonce']) {
        expect(Buffer.from(asked[name] ?? '', 'base64url').length).toBeGreaterThanOrEqual(32);
      }
    },
  );

  test('takes the form that a page sends, and the old address', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await visitor().send('POST', '/auth/login', form)).status).toBe(302);
    expect((await visitor().get('/auth/oidc/login')).status).toBe(302);
  });

  test('sets a login cookie that no script and no other site can read, for 10 minutes at most', async () => {
    const [cookie, ...others] = cookiesOf(await visitor().get('/auth/login'));
    expect(others).toEqual([]);
    expect(cookie?.name).toBe('backyard_login');
    expect(Buffer.from(cookie?.value ?? '', 'base64url').length).toBeGreaterThanOrEqual(32);
    expect(cookie?.attributes).toEqual(['httponly', 'max-age=600', 'path=/', 'samesite=lax']);
  });

  test('every attempt has a state, a nonce and a challenge of its own', async () => {
    const who = visitor();
    const asked = [await who.get('/auth/login'), await who.get('/auth/login')].map((answer) =>
      Object.fromEntries(new URL(locationOf(answer)).searchParams),
    );
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(asked[0]?.[name]).not.toBe(asked[1]?.[name]);
    }
  });
});

describe('/auth/callback', () => {
  test('starts a session of which the browser gets a cookie, and says who is signed in', async () => {
    const who = visitor();
    const answer = await signIn(who);
    expect(locationOf(answer)).toBe('/dashboard');
    const session = cookiesOf(answer).find(({ name }) => name === 'backyard_session');
    expect(Buffer.from(session?.value ?? '', 'base64url').length).toBeGreaterThanOrEqual(32);
    expect(session?.attributes.filter((one) => !one.startsWith('max-age='))).toEqual([
      'httponly',
      'path=/',
      'samesite=lax',
    ]);
    const lifetimeS = Number(session?.attributes.find((one) => one.startsWith('max-age='))?.slice(8) ?? 0);
    expect(lifetimeS).toBeLessThanOrEqual(7 * 86_400);
    const me = await who.get<Me>('/auth/me');
    expect(me.status, me.text).toBe(200);
    expect(me.body).toMatchObject({
      oidc_sub: `subject-of-${login}`,
      email: `${login}@example.com`,
      is_admin: false,
    });
  });

  test('leaves no login cookie behind', async () => {
    const who = visitor();
    await signIn(who);
    expect([...who.cookies.keys()]).toEqual(['backyard_session']);
  });

  test('works at the old address', async () => {
    const who = visitor();
    const back = new URL(await walk(who));
    back.pathname = '/auth/oidc/callback';
    expect((await who.get(pathOf(back.href))).status).toBe(302);
    expect((await who.get('/auth/me')).status).toBe(200);
  });

  test('a second sign-in is the same account with a new session value; the old one is dead', async () => {
    const who = visitor();
    await signIn(who);
    const first = { cookie: who.cookies.get('backyard_session'), me: (await who.get<Me>('/auth/me')).body };
    await signIn(who);
    const second = { cookie: who.cookies.get('backyard_session'), me: (await who.get<Me>('/auth/me')).body };
    expect(second.me).toEqual(first.me);
    expect(second.cookie).not.toBe(first.cookie);
    const old = await visitor({ cookie: `backyard_session=${first.cookie}` }).get('/auth/me');
    expect(old.status).toBe(401);
  });

  test('a value that was in the browser before is never taken up', async () => {
    const who = visitor();
    const planted = createHash('sha256').update('planted').digest('base64url');
    who.cookies.set('backyard_session', planted).set('backyard_login', planted);
    await signIn(who);
    expect(who.cookies.get('backyard_session')).not.toBe(planted);
    expect((await visitor({ cookie: `backyard_session=${planted}` }).get('/auth/me')).status).toBe(401);
  });

  test('two sign-ins of one browser at a time do not disturb each other', async () => {
    const who = visitor();
    const [first, second] = [await walk(who, '?return_to=/first'), await walk(who, '?return_to=/second')];
    expect(locationOf(await who.get(pathOf(second)))).toBe('/second');
    expect(locationOf(await who.get(pathOf(first)))).toBe('/first');
    expect((await who.get('/auth/me')).status).toBe(200);
  });
});

describe('return_to', () => {
  test.each(['/docs', '/databases/1?tab=users&x=%2F%2F', '/a/b/c#part', '/'])('%s is kept', async (path) => {
    expect(locationOf(await signIn(visitor(), `?return_to=${encodeURIComponent(path)}`))).toBe(path);
  });

  test.each([
    'https://evil.example/',
    '//evil.example/',
    '///evil.example/',
    '/\\evil.example/',
    '\\\\evil.example/',
    '/a//evil.example',
    'javascript:alert(1)',
    'data:text/html,hi',
    'evil.example',
    ' /docs',
    '/\t/evil.example',
    '/docs\r\nSet-Cookie: a=b',
    '/ö',
    '',
    `/${'a'.repeat(10_000)}`,
  ])('%j leads to /dashboard instead', async (path) => {
    expect(locationOf(await signIn(visitor(), `?return_to=${encodeURIComponent(path)}`))).toBe('/dashboard');
  });
});

test('over TLS the cookies are bound to the host and to TLS', async () => {
  const who = visitor({ 'x-forwarded-proto': 'https' });
  const [begun] = cookiesOf(await who.get('/auth/login'));
  expect(begun).toMatchObject({
    name: '__Host-backyard_login',
    attributes: ['httponly', 'max-age=600', 'path=/', 'samesite=lax', 'secure'],
  });
  const session = cookiesOf(await signIn(who)).find(({ name }) => name === '__Host-backyard_session');
  expect(session?.attributes).toEqual(
    expect.arrayContaining(['httponly', 'path=/', 'samesite=lax', 'secure']),
  );
  expect(session?.attributes.some((one) => one.startsWith('domain'))).toBe(false);
  expect((await who.get('/auth/me')).status).toBe(200);
});

describe('/auth/logout', () => {
  test('ends the session here, and sends the browser to end the one at the provider', async () => {
    const { provider, product } = pair();
    const who = visitor();
    await signIn(who);
    const session = who.cookies.get('backyard_session') ?? '';
    const answer = await who.send('POST', '/auth/logout');
    expect(answer.status, answer.text).toBe(302);
    const location = new URL(locationOf(answer));
    expect(location.origin).toBe(provider.issuer);
    expect(Object.fromEntries(location.searchParams)).toEqual({
      client_id: provider.clientId,
      post_logout_redirect_uri: `${product.url}/healthz`,
      id_token_hint: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    });
    secrets.push(...(location.searchParams.get('id_token_hint') ?? '').split('.').slice(1));
    expect(who.cookies.has('backyard_session')).toBe(false);
    expect((await visitor({ cookie: `backyard_session=${session}` }).get('/auth/me')).status).toBe(401);
  });

  test('without a session leads to the page that is set for it', async () => {
    const answer = await visitor().send('POST', '/auth/logout');
    expect(answer.status, answer.text).toBe(302);
    expect(locationOf(answer)).toBe(`${pair().product.url}/healthz`);
  });

  test('that another site asks for ends nothing', async () => {
    const who = visitor();
    await signIn(who);
    const session = who.cookies.get('backyard_session') ?? '';
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      await visitor({ cookie: `backyard_session=${session}`, ...headers }).send('POST', '/auth/logout');
    }
    expect((await visitor({ cookie: `backyard_session=${session}` }).get('/auth/me')).status).toBe(200);
  });
});

describe('a provider that is not there', () => {
  test('because none is configured: 503', async () => {
    const product = await products.up();
    for (const method of ['GET', 'POST']) {
      const { status, body } = await new Visitor(product.url).send(method, '/auth/login');
      expect({ status, body }).toEqual({ status: 503, body: { error: 'OIDC not configured' } });
    }
    expect(locationOf(await new Visitor(product.url).send('POST', '/auth/logout'))).toBe('/');
  });

  test('at the start: the product is ready all the same, says 503, and recovers by itself', async () => {
    const { provider } = pair();
    const product = await products.make();
    const redirectUrl = `${product.url}/auth/callback`;
    const client = { redirectUrl, afterLogoutUrl: `${product.url}/` };
    const first = await startOidcProvider(client);
    await first.stop();
    await product.start({
      OIDC_ISSUER_URL: first.issuer,
      OIDC_CLIENT_ID: first.clientId,
      OIDC_CLIENT_SECRET: provider.clientSecret,
      OIDC_REDIRECT_URL: redirectUrl,
    });
    const who = new Visitor(product.url);
    const { status, body } = await who.get('/auth/login');
    expect({ status, body }).toEqual({ status: 503, body: { error: 'OIDC provider unavailable' } });
    expect((await who.get('/health/ready')).status).toBe(200);
    const second = await startOidcProvider({ ...client, port: Number(new URL(first.issuer).port) });
    try {
      await until(async () => (await who.get('/auth/login')).status === 302, { what: 'the way is open' });
    } finally {
      await second.stop();
    }
  });
});

test('no state, nonce, code, cookie or ID token was logged', () => {
  expect(secrets.length).toBeGreaterThan(20);
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(8);
    expect(pair().product.output).not.toContain(secret);
  }
});
