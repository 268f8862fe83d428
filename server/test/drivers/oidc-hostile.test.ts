import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ProviderIdentity, ProviderRules } from '../../src/domain/sign-in-provider.ts';
import { type OidcSettings, openOidcProvider } from '../../src/drivers/oidc/open-oidc-provider.ts';
import { Fault } from '../../src/kernel/fault.ts';
import {
  type HostileProvider,
  type Misdeeds,
  startHostileProvider,
} from '../support/hostile-oidc-provider.ts';
import { CLIENT_ID, CLIENT_SECRET, REDIRECT_URL } from '../support/oidc-provider.ts';
import { memoryLog } from '../support/test-log.ts';

const noRules: ProviderRules = { trustsEmail: false, adminGroups: null, allowedGroups: null };
const adminRules: ProviderRules = { ...noRules, adminGroups: ['admins'] };

let hostile: HostileProvider;
const log = memoryLog();

beforeEach(async () => {
  hostile = await startHostileProvider();
  log.lines.splice(0);
});
afterEach(() => hostile.stop());

function open(changes: Partial<OidcSettings> = {}) {
  return openOidcProvider({
    name: 'acme',
    title: 'Acme',
    issuer: hostile.issuer,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    redirectUrl: REDIRECT_URL,
    scopes: ['openid', 'profile', 'email'],
    groupsClaim: 'groups',
    rules: noRules,
    log,
    ...changes,
  });
}

async function callbackOf(url: string): Promise<URL> {
  const response = await fetch(url, { redirect: 'manual' });
  return new URL(response.headers.get('location') ?? '');
}

async function signIn(misdeeds: Misdeeds, changes: Partial<OidcSettings> = {}): Promise<ProviderIdentity> {
  const provider = open(changes);
  hostile.misdeeds = misdeeds;
  const { url, ...checks } = await provider.begin();
  hostile.secrets.push(checks.codeVerifier);
  return provider.complete(await callbackOf(url), checks);
}

/** The fault of a sign-in, after a look that nothing secret is in it. */
async function faultOf(attempt: Promise<unknown>): Promise<Fault> {
  const error = await attempt.then(
    () => new Error('it went through'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Fault);
  const fault = error as Fault;
  const shown = [
    fault.message,
    fault.stack,
    JSON.stringify(fault.details),
    String(fault.cause),
    JSON.stringify(log.lines),
  ];
  for (const secret of [CLIENT_SECRET, ...hostile.secrets]) {
    if (secret.length > 8) expect(shown.join('\n')).not.toContain(secret);
  }
  expect(fault.cause).toBeUndefined();
  return fault;
}

const hourAgo = () => Math.floor(Date.now() / 1000) - 3_600;

test('when it does no harm, it is believed', async () => {
  expect(await signIn({})).toMatchObject({
    issuer: hostile.issuer,
    subject: 'ada',
    email: 'ada@example.com',
  });
});

describe('an ID token that does not hold', () => {
  test.each<[string, () => Misdeeds]>([
    ['another audience', () => ({ claims: { aud: 'somebody-else' } })],
    ['our audience and another, for somebody else', () => ({ claims: { aud: [CLIENT_ID, 'x'], azp: 'x' } })],
    ['no audience', () => ({ claims: { aud: undefined } })],
    ['expired', () => ({ claims: { exp: hourAgo() } })],
    ['not yet valid', () => ({ claims: { nbf: hourAgo() + 7_200 } })],
    ['no expiry', () => ({ claims: { exp: undefined } })],
    ['another issuer', () => ({ claims: { iss: 'https://id.example.com' } })],
    ['no issuer', () => ({ claims: { iss: undefined } })],
    ['no subject', () => ({ claims: { sub: undefined } })],
    ['an empty subject', () => ({ claims: { sub: '' } })],
    ['a subject that breaks lines', () => ({ claims: { sub: 'ada\nroot' } })],
    ['a subject without end', () => ({ claims: { sub: 'a'.repeat(256) } })],
    ['a broken signature', () => ({ signature: 'broken' })],
    ['a signature that is no base64', () => ({ signature: 'not-base64' })],
    ['signed with another key', () => ({ signature: 'other-key' })],
    ['a key id that nobody published', () => ({ signature: 'unknown-kid' })],
    ['alg none', () => ({ signature: 'none' })],
    ['HS256 with the client secret', () => ({ signature: 'hs256-secret' })],
    ['HS256 with the public key as secret', () => ({ signature: 'hs256-public-key' })],
    ['no JWT at all', () => ({ idToken: 'no.jwt.atall' })],
    ['encrypted to nobody', () => ({ idToken: 'a.b.c.d.e' })],
  ])('%s', async (_what, misdeeds) => {
    const fault = await faultOf(signIn(misdeeds()));
    expect(fault).toMatchObject({ code: 'oidc.id-token-invalid' });
  });

  test.each<[string, Misdeeds]>([
    ['a wrong nonce', { claims: { nonce: 'of-another-sign-in' } }],
    ['no nonce', { claims: { nonce: undefined } }],
  ])('%s', async (_what, misdeeds) => {
    expect(await faultOf(signIn(misdeeds))).toMatchObject({ code: 'oidc.nonce' });
  });

  test.each([null, ''])('absent: %j', async (idToken) => {
    expect(await faultOf(signIn({ idToken }))).toMatchObject({ code: 'oidc.id-token-missing' });
  });
});

describe('the authorization response', () => {
  test('with another state, none, or two, is not for this sign-in', async () => {
    const provider = open();
    const { url, ...checks } = await provider.begin();
    const callback = await callbackOf(url);
    const changed: ((answer: URLSearchParams) => void)[] = [
      (answer) => answer.set('state', 'x'.repeat(43)),
      (answer) => answer.delete('state'),
      (answer) => answer.append('state', checks.state),
    ];
    for (const change of changed) {
      const wrong = new URL(callback);
      change(wrong.searchParams);
      expect(await faultOf(provider.complete(wrong, checks))).toMatchObject({ code: 'oidc.state' });
    }
    expect(hostile.tokenRequests).toEqual([]);
  });

  test('of a mixed-up issuer, or without the issuer that was promised, is refused (RFC 9207)', async () => {
    for (const iss of ['https://id.example.com', `${hostile.issuer}/`, '', null]) {
      expect(await faultOf(signIn({ iss }))).toMatchObject({ code: 'oidc.state' });
    }
    expect(hostile.tokenRequests).toEqual([]);
  });

  test('without an issuer is taken from a provider that never sends one', async () => {
    const metadata = { authorization_response_iss_parameter_supported: undefined };
    expect(await signIn({ metadata, iss: null })).toMatchObject({ subject: 'ada' });
    expect(await faultOf(signIn({ metadata, iss: 'https://id.example.com' }))).toMatchObject({
      code: 'oidc.state',
    });
  });

  test.each([
    ['access_denied', 'access_denied'],
    ['<script>alert(1)</script>', 'unknown'],
    ['a'.repeat(65), 'unknown'],
    ['', 'unknown'],
  ])('with the error %j is a refusal', async (error, code) => {
    expect(await faultOf(signIn({ error }))).toMatchObject({ code: 'oidc.refused', details: { code } });
  });

  test('without a code, or with two, cannot be redeemed', async () => {
    const provider = open();
    const { url, ...checks } = await provider.begin();
    const callback = await callbackOf(url);
    const twice = new URL(callback);
    twice.searchParams.append('code', 'another');
    callback.searchParams.delete('code');
    for (const wrong of [callback, twice]) {
      expect(await faultOf(provider.complete(wrong, checks))).toMatchObject({ code: 'oidc.exchange' });
    }
  });
});

describe('the token endpoint', () => {
  test.each([
    [400, 'invalid_grant'],
    [401, 'invalid_client'],
    [400, 'Something: Odd'],
  ])('says %s %s', async (status, error) => {
    const tokenError = {
      status,
      body: { error, error_description: 'code abc' },
      headers: { 'www-authenticate': 'Basic' },
    };
    expect(await faultOf(signIn({ tokenError }))).toMatchObject({
      code: 'oidc.exchange',
      details: { code: error === 'Something: Odd' ? 'unknown' : error },
    });
  });

  test.each<[string, Misdeeds]>([
    ['500', { token: 500 }],
    ['503 with an OAuth error', { tokenError: { status: 503, body: { error: 'temporarily_unavailable' } } }],
    ['404 without an OAuth error', { token: 404 }],
    ['garbage', { token: 'garbage' }],
    ['a list', { tokenError: { status: 200, body: [] } }],
    ['no access token', { tokenError: { status: 200, body: { token_type: 'bearer', id_token: 'a.b.c' } } }],
    ['a redirect', { token: 'redirect' }],
    ['more than anybody reads', { token: 'huge' }],
    ['nothing and hangs up', { token: 'hang-up' }],
  ])('answers %s', async (_what, misdeeds) => {
    expect(await faultOf(signIn(misdeeds))).toMatchObject({ code: 'oidc.unavailable' });
    expect(hostile.asked.has('/elsewhere')).toBe(false);
  });

  test('does not answer: we give up after 10 s', { timeout: 20_000 }, async () => {
    const fault = await faultOf(signIn({ token: 'hang' }));
    expect(fault).toMatchObject({ code: 'oidc.unavailable' });
    expect(fault.message).toContain('no answer in time');
  });

  test('gets the code, the verifier and the secret as a provider expects without being asked', async () => {
    await signIn({});
    const [request] = hostile.tokenRequests;
    expect(Object.fromEntries(request?.body ?? [])).toMatchObject({
      grant_type: 'authorization_code',
      redirect_uri: REDIRECT_URL,
      code_verifier: expect.stringMatching(/^[\w-]{43}$/),
    });
    const basic = Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET.replaceAll('-', '%2D')}`).toString('base64');
    expect(request?.authorization).toBe(`Basic ${basic}`);
    expect(request?.body.has('client_secret')).toBe(false);
    await signIn({ metadata: { token_endpoint_auth_methods_supported: ['client_secret_post'] } });
    expect(hostile.tokenRequests[1]?.body.get('client_secret')).toBe(CLIENT_SECRET);
    expect(hostile.tokenRequests[1]?.authorization).toBeUndefined();
  });
});

describe('keys', () => {
  test.each<[string, Misdeeds]>([
    ['500', { jwks: 500 }],
    ['garbage', { jwks: 'garbage' }],
    ['nothing and hangs up', { jwks: 'hang-up' }],
  ])('whose place answers %s', async (_what, misdeeds) => {
    expect(await faultOf(signIn(misdeeds))).toMatchObject({ code: 'oidc.unavailable' });
  });
});

describe('userinfo', () => {
  const quiet = { email: undefined, email_verified: undefined };

  test('is asked for what the ID token lacks, and only then', async () => {
    await signIn({ claims: { groups: 'admins' } }, { rules: adminRules });
    expect(hostile.asked.get('/userinfo')).toBeUndefined();
    expect(await signIn({ claims: quiet })).toMatchObject({
      email: 'ada@example.com',
      isEmailVerified: true,
    });
    expect(hostile.asked.get('/userinfo')).toBe(1);
  });

  test('may not say that an address of the ID token is verified', async () => {
    const userinfo = { sub: 'ada', email: 'ada@example.net', email_verified: true, groups: ['admins'] };
    const misdeeds = { claims: { email_verified: undefined }, userinfo };
    expect(await signIn(misdeeds, { rules: adminRules })).toMatchObject({
      email: 'ada@example.com',
      isEmailVerified: null,
      groups: ['admins'],
    });
  });

  test('about somebody else is not taken', async () => {
    const misdeeds = {
      claims: quiet,
      userinfo: { sub: 'eve', email: 'ada@example.com', email_verified: true },
    };
    expect(await faultOf(signIn(misdeeds))).toMatchObject({ code: 'oidc.id-token-invalid' });
  });

  test.each<[string, Misdeeds]>([
    ['401', { userinfo: 401 }],
    ['500', { userinfo: 500 }],
    ['garbage', { userinfo: 'garbage' }],
  ])(
    'that answers %s stops the sign-in: a gap would cost somebody a role or an account',
    async (_what, misdeeds) => {
      expect(await faultOf(signIn({ claims: quiet, ...misdeeds }))).toMatchObject({
        code: 'oidc.unavailable',
      });
    },
  );

  test('that does not exist is no fault', async () => {
    const misdeeds = { claims: quiet, metadata: { userinfo_endpoint: undefined } };
    expect(await signIn(misdeeds)).toMatchObject({ email: null, groups: null });
  });
});
