import { decodeJwt } from 'jose';
import { afterEach, describe, expect, test } from 'vitest';
import type { ProviderRules } from '../../src/domain/sign-in-provider.ts';
import { type OidcSettings, openOidcProvider } from '../../src/drivers/oidc/open-oidc-provider.ts';
import {
  AFTER_LOGOUT_URL,
  CLIENT_ID,
  CLIENT_SECRET,
  REDIRECT_URL,
  startTestProvider,
  type TestProvider,
  type TestProviderOptions,
} from '../support/oidc-provider.ts';
import { memoryLog } from '../support/test-log.ts';

const noRules: ProviderRules = { trustsEmail: false, adminGroups: null, allowedGroups: null };
const ada = {
  subject: 'ada-1815',
  claims: {
    email: 'ada@example.com',
    email_verified: true,
    preferred_username: 'ada',
    groups: ['admins', 'mathematicians'],
  },
};

const running: TestProvider[] = [];
afterEach(async () => {
  for (const provider of running.splice(0)) await provider.stop();
});

async function start(options: TestProviderOptions = {}): Promise<TestProvider> {
  const provider = await startTestProvider(options);
  provider.visitor = ada;
  running.push(provider);
  return provider;
}

function open(issuer: string, changes: Partial<OidcSettings> = {}) {
  return openOidcProvider({
    name: 'acme',
    title: 'Acme',
    issuer,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    redirectUrl: REDIRECT_URL,
    scopes: ['openid', 'profile', 'email'],
    groupsClaim: 'groups',
    rules: noRules,
    log: memoryLog(),
    ...changes,
  });
}

describe('with a real provider', () => {
  test('a sign-in tells who it is', async () => {
    const theirs = await start();
    const ours = open(theirs.issuer);
    expect(ours.health()).toEqual({ state: 'unknown' });
    const { url, ...checks } = await ours.begin();
    expect(ours.health()).toEqual({ state: 'ready' });
    const identity = await ours.complete(await theirs.walk(url), checks);
    expect(identity).toMatchObject({
      issuer: theirs.issuer,
      subject: 'ada-1815',
      email: 'ada@example.com',
      isEmailVerified: true,
      preferredUsername: 'ada',
    });
    expect(decodeJwt(identity.idToken)).toMatchObject({ sub: 'ada-1815', nonce: checks.nonce });
  });

  test('the request carries PKCE, state and nonce, new ones each time, of 256 bits', async () => {
    const theirs = await start();
    const ours = open(theirs.issuer, { scopes: ['email', 'groups'] });
    const first = await ours.begin();
    const second = await ours.begin();
    const asked = new URL(first.url).searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      client_id: CLIENT_ID,
      response_type: 'code',
      redirect_uri: REDIRECT_URL,
      scope: 'openid email groups',
      state: first.state,
      nonce: first.nonce,
      code_challenge_method: 'S256',
    });
    expect(asked.get('code_challenge')).not.toBe(first.codeVerifier);
    for (const name of ['state', 'nonce', 'codeVerifier'] as const) {
      expect(first[name]).not.toBe(second[name]);
      expect(Buffer.from(first[name], 'base64url')).toHaveLength(32);
    }
  });

  test.each(['RS256', 'PS256', 'ES256', 'EdDSA'] as const)(
    'an ID token signed by %s holds',
    async (signedBy) => {
      const theirs = await start({ signedBy });
      const ours = open(theirs.issuer);
      const { url, ...checks } = await ours.begin();
      expect(await ours.complete(await theirs.walk(url), checks)).toMatchObject({ subject: 'ada-1815' });
    },
  );

  test('a public client signs in by PKCE alone', async () => {
    const theirs = await start({ clientSecret: null });
    const ours = open(theirs.issuer, { clientSecret: null });
    const { url, ...checks } = await ours.begin();
    const identity = await ours.complete(await theirs.walk(url), checks);
    expect(identity.subject).toBe('ada-1815');
  });

  test.each([true, false])('groups are found, in the ID token itself: %s', async (fullIdToken) => {
    const theirs = await start({ fullIdToken });
    const ours = open(theirs.issuer, { rules: { ...noRules, adminGroups: ['admins'] } });
    const { url, ...checks } = await ours.begin();
    const identity = await ours.complete(await theirs.walk(url), checks);
    expect(identity.groups).toEqual(['admins', 'mathematicians']);
  });

  test('somebody without an address has none, and what is not verified is not', async () => {
    const theirs = await start();
    const ours = open(theirs.issuer);
    theirs.visitor = { subject: 'nameless', claims: {} };
    const first = await ours.begin();
    expect(await ours.complete(await theirs.walk(first.url), first)).toMatchObject({
      subject: 'nameless',
      email: null,
      isEmailVerified: null,
      preferredUsername: null,
      groups: null,
    });
    theirs.visitor = { subject: 'eve', claims: { email: 'ada@example.com', email_verified: false } };
    const second = await ours.begin();
    expect(await ours.complete(await theirs.walk(second.url), second)).toMatchObject({
      email: 'ada@example.com',
      isEmailVerified: false,
    });
  });

  test('a code works once, and only with the verifier it was asked for with', async () => {
    const theirs = await start();
    const ours = open(theirs.issuer);
    const first = await ours.begin();
    const callback = await theirs.walk(first.url);
    const stranger = { ...first, codeVerifier: (await ours.begin()).codeVerifier };
    await expect(ours.complete(callback, stranger)).rejects.toMatchObject({ code: 'oidc.exchange' });
    const second = await ours.begin();
    const again = await theirs.walk(second.url);
    await ours.complete(again, second);
    await expect(ours.complete(again, second)).rejects.toMatchObject({
      code: 'oidc.exchange',
      details: { code: 'invalid_grant' },
    });
  });

  test('a wrong secret is told to the operator, without the secret', async () => {
    const theirs = await start();
    const log = memoryLog();
    const ours = open(theirs.issuer, { clientSecret: 'not-the-secret-at-all', log });
    const { url, ...checks } = await ours.begin();
    await expect(ours.complete(await theirs.walk(url), checks)).rejects.toMatchObject({
      code: 'oidc.exchange',
      details: { code: 'invalid_client' },
    });
    expect(log.lines).toEqual([
      expect.objectContaining({ level: 'warn', fields: { provider: 'acme', code: 'invalid_client' } }),
    ]);
    expect(JSON.stringify(log.lines)).not.toContain('not-the-secret');
  });

  test('logout ends at the provider, which knows the way back', async () => {
    const theirs = await start();
    const ours = open(theirs.issuer);
    const { url, ...checks } = await ours.begin();
    const { idToken } = await ours.complete(await theirs.walk(url), checks);
    const end = await ours.endSessionUrl(idToken, AFTER_LOGOUT_URL);
    expect(end).not.toBeNull();
    const asked = new URL(end ?? '').searchParams;
    expect(Object.fromEntries(asked)).toEqual({
      id_token_hint: idToken,
      client_id: CLIENT_ID,
      post_logout_redirect_uri: AFTER_LOGOUT_URL,
    });
    const page = await fetch(end ?? '');
    expect(page.status, await page.text()).toBe(200);
    expect(
      new URL((await ours.endSessionUrl(idToken, null)) ?? '').searchParams.has('post_logout_redirect_uri'),
    ).toBe(false);
  });

  test('an answer at an older address of ours is as good', async () => {
    const theirs = await start();
    const ours = open(theirs.issuer);
    const { url, ...checks } = await ours.begin();
    const callback = await theirs.walk(url);
    callback.pathname = '/auth/oidc/callback';
    expect(await ours.complete(callback, checks)).toMatchObject({ subject: 'ada-1815' });
  });
});

describe('settings', () => {
  test.each([
    ['http://id.example.com', 'http in the open'],
    ['http://127.0.0.1.example.com', 'http to a host that only looks like loopback'],
    ['https://id.example.com/.well-known/openid-configuration', 'the document instead of the issuer'],
    ['https://id.example.com/?tenant=1', 'a query'],
    ['id.example.com', 'no address'],
  ])('%s is refused as an issuer: %s', (issuer) => {
    expect(() => open(issuer)).toThrow(expect.objectContaining({ code: 'config.oidc' }));
  });

  test.each([
    'http://localhost:1',
    'http://127.8.9.1:1',
    'http://[::1]:1',
    'https://id.example.com/realms/a',
  ])('%s is taken as an issuer', (issuer) => {
    expect(open(issuer).issuer).toBe(issuer);
  });

  test('a redirect address with a query is refused', () => {
    expect(() => open('https://id.example.com', { redirectUrl: 'https://us.example.com/cb?a=1' })).toThrow(
      expect.objectContaining({ code: 'config.oidc' }),
    );
  });
});
