/** Several providers at one product: issue "Sign-in", item 1; RFC 9207 for what they may do to each other. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Answer } from './support/api.ts';
import { locationOf, pathOf, Visitor } from './support/browser.ts';
import { type HostileProvider, type Misdeeds, startHostileProvider } from './support/hostile-provider.ts';
import { useSignIn } from './support/oidc-product.ts';
import { uniqueName } from './support/people.ts';
import { until } from './support/until.ts';
import type { Me } from './support/wire.ts';

const pair = useSignIn(() => startHostileProvider());
let second: HostileProvider;

beforeAll(async () => {
  const { product, provider } = pair();
  second = await startHostileProvider();
  await product.restart({
    OIDC_TITLE: 'Head office',
    OIDC_PROVIDERS: 'branch',
    OIDC_BRANCH_TITLE: 'Branch office',
    OIDC_BRANCH_ISSUER_URL: second.issuer,
    OIDC_BRANCH_CLIENT_ID: second.clientId,
    OIDC_BRANCH_CLIENT_SECRET: second.clientSecret,
    OIDC_BRANCH_REDIRECT_URL: `${product.url}/auth/callback`,
    OIDC_ADMIN_GROUPS: 'admins',
  });
  provider.misdeeds = {};
});
afterAll(() => second.stop());
beforeEach(() => {
  pair().provider.misdeeds = {};
  second.misdeeds = {};
});

async function walk(who: Visitor, query = ''): Promise<URL> {
  const begun = await who.get(`/auth/login${query}`);
  const away = await fetch(locationOf(begun), { redirect: 'manual' });
  return new URL(away.headers.get('location') ?? '');
}

async function signIn(query: string, provider: HostileProvider, misdeeds: Misdeeds): Promise<Me> {
  provider.misdeeds = misdeeds;
  const who = new Visitor(pair().product.url);
  const answer = await who.get(pathOf((await walk(who, query)).href));
  expect(answer.status, answer.text).toBe(302);
  return (await who.get<Me>('/auth/me')).body;
}

test('each is reached by its name, the first one without a name', async () => {
  const who = new Visitor(pair().product.url);
  const originOf = (answer: Answer) => new URL(locationOf(answer)).origin;
  expect(originOf(await who.get('/auth/login'))).toBe(pair().provider.issuer);
  expect(originOf(await who.get('/auth/login?provider=branch'))).toBe(second.issuer);
  const unknown = await who.get('/auth/login?provider=elsewhere');
  expect({ status: unknown.status, body: unknown.body }).toEqual({
    status: 503,
    body: { error: 'OIDC not configured' },
  });
});

test('they are listed, with what is known of them', async () => {
  const who = new Visitor(pair().product.url);
  const list = () => who.get<{ providers: { title: string }[] }>('/api/v1/auth/providers');
  expect((await list()).body.providers.map(({ title }) => title)).toEqual(['Head office', 'Branch office']);
  expect((await list()).text).not.toContain(second.clientSecret);
});

test('one subject at two providers is two people, one proven address at both is one', async () => {
  const claims = { sub: uniqueName('ada') };
  const here = await signIn('', pair().provider, { claims });
  const there = await signIn('?provider=branch', second, { claims });
  expect(there.internal_user_id).not.toBe(here.internal_user_id);

  const proven = { email: `${uniqueName('ada')}@example.com`, email_verified: true };
  const first = await signIn('', pair().provider, { claims: { sub: uniqueName('x'), ...proven } });
  const other = await signIn('?provider=branch', second, { claims: { sub: uniqueName('y'), ...proven } });
  expect(other.internal_user_id).toBe(first.internal_user_id);
});

test('the groups of one are not those of the other', async () => {
  const groups = ['admins'];
  const here = await signIn('', pair().provider, { claims: { sub: uniqueName('a'), groups } });
  const there = await signIn('?provider=branch', second, { claims: { sub: uniqueName('b'), groups } });
  expect([here.is_admin, there.is_admin]).toEqual([true, false]);
});

test('an answer of one to a sign-in at the other is refused before its code goes anywhere', async () => {
  const who = new Visitor(pair().product.url);
  const honest = await walk(who);
  const begun = await walk(who, '?provider=branch');
  const asked = second.tokenRequests;
  honest.searchParams.set('state', begun.searchParams.get('state') ?? '');
  const { status, body } = await who.get(pathOf(honest.href));
  expect({ status, body }).toEqual({ status: 400, body: { error: 'Invalid OIDC state' } });
  expect(second.tokenRequests).toBe(asked);
  expect((await who.get('/auth/me')).status).toBe(401);
});

test('one that is down leaves the other alone', async () => {
  const { product } = pair();
  second.misdeeds = { discovery: 500 };
  await product.restart();
  const who = new Visitor(product.url);
  expect((await who.get('/auth/login?provider=branch')).status).toBe(503);
  expect((await who.get('/auth/login')).status).toBe(302);
  expect((await who.get('/health/ready')).status).toBe(200);
  second.misdeeds = {};
  await until(async () => (await who.get('/auth/login?provider=branch')).status === 302, {
    what: 'it is back',
  });
});
