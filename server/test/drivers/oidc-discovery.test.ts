import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type OidcProvider,
  type OidcSettings,
  openOidcProvider,
} from '../../src/drivers/oidc/open-oidc-provider.ts';
import {
  type HostileProvider,
  type Misdeeds,
  startHostileProvider,
} from '../support/hostile-oidc-provider.ts';
import { CLIENT_ID, CLIENT_SECRET, REDIRECT_URL } from '../support/oidc-provider.ts';
import { memoryLog } from '../support/test-log.ts';

const DOCUMENT = '/.well-known/openid-configuration';

let hostile: HostileProvider;
let provider: OidcProvider;
const log = memoryLog();

beforeEach(async () => {
  hostile = await startHostileProvider();
  log.lines.splice(0);
  provider = open(hostile.issuer);
});
afterEach(() => hostile.stop());

function open(issuer: string, changes: Partial<OidcSettings> = {}): OidcProvider {
  return openOidcProvider({
    name: 'acme',
    title: 'Acme',
    issuer,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    redirectUrl: REDIRECT_URL,
    scopes: ['openid'],
    groupsClaim: 'groups',
    rules: { trustsEmail: false, adminGroups: null, allowedGroups: null },
    log,
    ...changes,
  });
}

async function until(look: () => Promise<boolean> | boolean, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await look())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms`);
    await pause(50);
  }
}

function begins(): Promise<boolean> {
  return provider.begin().then(
    () => true,
    () => false,
  );
}

async function signIn(): Promise<void> {
  const { url, ...checks } = await provider.begin();
  await provider.complete(await callbackOf(url), checks);
}

async function callbackOf(url: string): Promise<URL> {
  const response = await fetch(url, { redirect: 'manual' });
  return new URL(response.headers.get('location') ?? '');
}

const warnings = () => log.lines.filter(({ level }) => level === 'warn');

describe('a provider that cannot be used', () => {
  test.each<[string, Misdeeds]>([
    ['answers 500', { discovery: 500 }],
    ['answers 404', { discovery: 404 }],
    ['answers garbage', { discovery: 'garbage' }],
    ['answers without end', { discovery: 'huge' }],
    ['sends us elsewhere', { discovery: 'redirect' }],
    ['hangs up', { discovery: 'hang-up' }],
    ['is another issuer', { metadata: { issuer: 'https://id.example.com' } }],
    ['has no issuer', { metadata: { issuer: undefined } }],
    ['has no place for tokens', { metadata: { token_endpoint: undefined } }],
    ['has no keys', { metadata: { jwks_uri: 'not an address' } }],
    ['leads out of the machine without TLS', { metadata: { token_endpoint: 'http://id.example.com/token' } }],
    ['leads to a script', { metadata: { end_session_endpoint: 'javascript:alert(1)' } }],
  ])('%s', async (_what, misdeeds) => {
    hostile.misdeeds = misdeeds;
    await expect(provider.begin()).rejects.toMatchObject({ code: 'oidc.unavailable' });
    expect(provider.health()).toEqual({
      state: 'unavailable',
      reason: expect.stringMatching(/^The .+ "Acme" .+\.$/),
    });
    expect(await provider.endSessionUrl('a.b.c', null)).toBeNull();
    expect(hostile.asked.has('/elsewhere')).toBe(false);
  });

  test('hangs: we give up after 5 s, all who wait at once', { timeout: 12_000 }, async () => {
    hostile.misdeeds = { discovery: 'hang' };
    const faults = await Promise.all([1, 2, 3].map(() => provider.begin().catch((error: unknown) => error)));
    for (const fault of faults) expect(fault).toMatchObject({ code: 'oidc.unavailable' });
    expect(hostile.asked.get(DOCUMENT)).toBe(1);
  });

  test('is not there', async () => {
    await hostile.stop();
    await expect(provider.begin()).rejects.toMatchObject({
      code: 'oidc.unavailable',
      message: 'The sign-in provider "Acme" cannot be reached (ECONNREFUSED).',
    });
  });
});

describe('looking', () => {
  test('happens once for all, when it is needed, and is remembered', async () => {
    expect(hostile.asked.size).toBe(0);
    await Promise.all([provider.begin(), provider.begin(), provider.begin()]);
    await provider.begin();
    expect(hostile.asked.get(DOCUMENT)).toBe(1);
  });

  test('is tried again after a failure, though not at once', async () => {
    hostile.misdeeds = { discovery: 500 };
    for (let attempt = 0; attempt < 5; attempt += 1) expect(await begins()).toBe(false);
    expect(hostile.asked.get(DOCUMENT)).toBe(1);
    hostile.misdeeds = {};
    await until(begins);
    expect(hostile.asked.get(DOCUMENT)).toBe(2);
    expect(provider.health()).toEqual({ state: 'ready' });
  });

  test('goes on by itself while it is watched, with one line when it fails and one when it is over', async () => {
    hostile.misdeeds = { discovery: 500 };
    const stop = provider.watch();
    try {
      await until(() => (hostile.asked.get(DOCUMENT) ?? 0) >= 2);
      await until(() => provider.health().state === 'unavailable');
      hostile.misdeeds = {};
      await until(() => provider.health().state === 'ready');
    } finally {
      stop();
    }
    expect(log.lines.map(({ level }) => level)).toEqual(['warn', 'info']);
    expect(warnings()[0]?.fields).toMatchObject({ provider: 'acme', issuer: `${hostile.issuer}/` });
  });

  test('ends with the watch, also when that ends during a look', async () => {
    hostile.misdeeds = { discovery: 500 };
    const stop = provider.watch();
    await until(() => provider.health().state === 'unavailable');
    stop();
    hostile.misdeeds = { discovery: 'hang' };
    const other = open(hostile.issuer);
    const stopOther = other.watch();
    await until(() => hostile.asked.get(DOCUMENT) === 2);
    stopOther();
    await until(() => other.health().state === 'unavailable');
    // Longer than the first pause of a watch.
    await expect(until(() => hostile.asked.get(DOCUMENT) !== 2, 3_000)).rejects.toThrow('not within');
  });

  test('happens again now and then, behind the back of those who sign in', async () => {
    provider = open(hostile.issuer, { refreshMs: 0 });
    await signIn();
    await signIn();
    await until(() => (hostile.asked.get(DOCUMENT) ?? 0) >= 3);
    // What says the same is not thrown away, nor are the keys that came with it.
    expect(hostile.asked.get('/jwks')).toBe(1);
    hostile.misdeeds = { metadata: { authorization_endpoint: `${hostile.issuer}/moved` } };
    await until(async () => (await provider.begin()).url.startsWith(`${hostile.issuer}/moved`));
    hostile.misdeeds = { discovery: 500 };
    await provider.begin();
    await until(() => provider.health().state === 'unavailable');
    expect(await begins()).toBe(true);
  });

  test('tells the health after a failed sign-in too', async () => {
    const { url, ...checks } = await provider.begin();
    hostile.misdeeds = { token: 500 };
    const callback = await callbackOf(url);
    await expect(provider.complete(callback, checks)).rejects.toMatchObject({ code: 'oidc.unavailable' });
    expect(provider.health().state).toBe('unavailable');
    hostile.misdeeds = {};
    await provider.complete(callback, checks);
    expect(provider.health()).toEqual({ state: 'ready' });
    expect(log.lines.map(({ level }) => level)).toEqual(['warn', 'info']);
  });
});
