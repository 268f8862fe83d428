/** Behind a proxy: whom it vouches for, and what it says of the way. Contract pgweb, section 4.2. */
import { describe, expect, test } from 'vitest';
import { type Answer, api, exchange } from './support/api.ts';
import { cookieOf } from './support/cookies.ts';
import { theAdmin } from './support/people.ts';
import { adminPassword, type Product, useProduct, useProducts } from './support/product.ts';
import type { Me } from './support/wire.ts';

const products = useProducts();
const HEADER = { PGWEB_TRUSTED_HEADER: 'X-Auth-Request-Email' };
const LISTED = { ...HEADER, TRUSTED_PROXIES: '127.0.0.1' };
const ELSEWHERE = { ...HEADER, TRUSTED_PROXIES: '10.9.8.7, 2001:db8::/32' };

const listed = useProduct({ env: LISTED });
const unlisted = useProduct({ env: ELSEWHERE });

function me(product: Product, email?: string, more: Record<string, string> = {}): Promise<Answer<Me>> {
  const headers = { ...(email === undefined ? {} : { 'x-auth-request-email': email }), ...more };
  return api(product.url).send({ method: 'GET', path: '/auth/me', headers });
}

async function signInBrowser(product: Product, headers: Record<string, string> = {}): Promise<Answer> {
  return exchange(product.url, {
    method: 'POST',
    path: '/api/v1/auth/sessions',
    raw: JSON.stringify({ username: 'admin', password: adminPassword }),
    headers: { 'content-type': 'application/json', ...headers },
  });
}

describe('a proxy that vouches for people', () => {
  test('is believed for each request and for no longer', async () => {
    const first = await me(listed(), 'ada@example.org');
    expect(first.status, first.text).toBe(200);
    expect(first.body).toMatchObject({ email: 'ada@example.org', username: 'ada', is_admin: false });
    expect(first.headers['set-cookie']).toBeUndefined();
    expect((await me(listed())).status).toBe(401);
    expect((await me(listed(), 'ADA@Example.org')).body.id).toBe(first.body.id);
    expect((await me(listed(), 'bob@example.org')).body.id).not.toBe(first.body.id);
  });

  test('makes one account for one address, also when the first requests come together', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => me(listed(), 'new@example.org')));
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  });

  test('names one address, or nobody', async () => {
    const odd = ['', 'ada', 'ada@', '@example.org', 'a@b, c@d', 'a b@c', `${'x'.repeat(250)}@example.org`];
    for (const email of odd) expect((await me(listed(), email)).status, email).toBe(401);
  });

  test('has no say over a request that brings an Authorization header', async () => {
    const admin = await theAdmin(listed());
    const both = await me(listed(), 'ada@example.org', { authorization: `Bearer ${admin.jwt}` });
    expect(both.body.username).toBe('admin');
    expect((await me(listed(), 'ada@example.org', { authorization: 'Bearer nonsense' })).status).toBe(401);
  });

  test('is an ambient credential: what another site asks for is refused', async () => {
    const create = await exchange(listed().url, {
      method: 'POST',
      path: '/api/databases',
      raw: '{"name":"stolen"}',
      headers: {
        'content-type': 'application/json',
        'x-auth-request-email': 'ada@example.org',
        origin: 'https://evil.example',
      },
    });
    expect([create.status, create.body]).toEqual([403, { error: 'Cross-site request refused' }]);
  });

  test('and is not on the list vouches for nobody', async () => {
    expect((await me(unlisted(), 'ada@example.org')).status).toBe(401);
    const spoofed = await me(unlisted(), 'ada@example.org', { 'x-forwarded-for': '10.9.8.7' });
    expect(spoofed.status).toBe(401);
  });

  test('cannot be named without a list', async () => {
    const product = await products.make({ env: HEADER });
    await expect(product.start()).rejects.toThrow(/did not start/);
    expect(product.output).toMatch(/PGWEB_TRUSTED_HEADER needs TRUSTED_PROXIES/);
  });
});

describe('cookies over TLS', () => {
  const secure = { 'max-age': '604800', path: '/', httponly: '', secure: '', samesite: 'Lax' };

  test('have the name that only TLS can set, when a listed proxy says so', async () => {
    const product = listed();
    const https = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'backyard.example.org' };
    const cookie = cookieOf(await signInBrowser(product, https), '__Host-backyard_session');
    expect(cookie.attributes).toEqual(secure);
    const asked = (name: string, more: Record<string, string>) =>
      me(product, undefined, { cookie: `${name}=${cookie.value}`, ...more });
    expect((await asked('__Host-backyard_session', https)).status).toBe(200);
    // The plain name is one that anybody on the way could have set.
    expect((await asked('backyard_session', https)).status).toBe(401);
    const sent = await exchange(product.url, {
      method: 'DELETE',
      path: '/api/v1/auth/sessions',
      headers: {
        cookie: `__Host-backyard_session=${cookie.value}`,
        origin: 'https://backyard.example.org',
        ...https,
      },
    });
    expect(sent.status, sent.text).toBe(200);
    // Browsers leave the port out that goes without saying; not every proxy does.
    const port = { ...https, 'x-forwarded-host': 'backyard.example.org:443' };
    expect((await signInBrowser(product, { ...port, origin: 'https://backyard.example.org' })).status).toBe(
      201,
    );
  });

  test('and not because anybody says so', async () => {
    const answer = await signInBrowser(unlisted(), { 'x-forwarded-proto': 'https' });
    expect(cookieOf(answer, 'backyard_session').attributes).not.toHaveProperty('secure');
  });

  test('follow PUBLIC_URL, and so does what counts as our own origin', async () => {
    const product = unlisted();
    await product.restart({ PUBLIC_URL: 'https://backyard.example.org' });
    const own = { origin: 'https://backyard.example.org' };
    expect(cookieOf(await signInBrowser(product, own), '__Host-backyard_session').attributes).toEqual(secure);
    expect((await signInBrowser(product, { origin: product.url })).status).toBe(403);
  });
});
