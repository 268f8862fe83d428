import { spawnSync } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { openOidcProvider } from '../../drivers/oidc/open-oidc-provider.ts';
import { type DevOidc, startDevOidc } from './dev-oidc.ts';

const redirectUrl = 'http://127.0.0.1:21101/auth/callback';
const afterLogoutUrl = 'http://127.0.0.1:21101/';
const log = { info: () => undefined, warn: () => undefined };

let theirs: DevOidc | undefined;
afterEach(async () => {
  await theirs?.stop();
  theirs = undefined;
});

async function start() {
  theirs = await startDevOidc({ port: 0, redirectUrl, postLogoutRedirectUrls: [afterLogoutUrl], log });
  const { issuer, clientId, clientSecret } = theirs;
  return openOidcProvider({
    name: 'try-out',
    title: 'Try-out',
    issuer,
    clientId,
    clientSecret,
    redirectUrl,
    scopes: ['openid', 'email', 'profile'],
    groupsClaim: 'groups',
    rules: { trustsEmail: false, adminGroups: ['admins'], allowedGroups: null },
    log,
  });
}

/** Without scripts, as the pages are. */
class Browser {
  readonly #cookies = new Map<string, string>();
  at = new URL('about:blank');

  async open(url: string, form?: Record<string, string>): Promise<{ status: number; page: string }> {
    let next = new URL(url);
    let body = form && new URLSearchParams(form);
    for (;;) {
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const method = body ? 'POST' : 'GET';
      const response = await fetch(next, {
        method,
        body: body ?? null,
        headers: { cookie },
        redirect: 'manual',
      });
      for (const line of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        this.#cookies.set(name, value);
      }
      const page = await response.text();
      this.at = next;
      const location = response.headers.get('location');
      if (location === null) return { status: response.status, page };
      next = new URL(location, next);
      body = undefined;
      if (next.host === new URL(redirectUrl).host) {
        this.at = next;
        return { status: response.status, page: '' };
      }
    }
  }
}

test('whoever fills the form is who they say', async () => {
  const ours = await start();
  const browser = new Browser();
  const { url, ...checks } = await ours.begin();
  const { page } = await browser.open(url);
  expect(page).toContain('Anybody who reaches it signs in as anybody. Never use it for real.');
  expect(page).not.toMatch(/<script|https?:/);
  const form = { email: 'Ada@Example.com', name: 'Ada <Lovelace>', admin: 'yes', do: 'sign-in' };
  await browser.open(browser.at.href, form);
  const identity = await ours.complete(browser.at, checks);
  expect(identity).toMatchObject({
    subject: 'ada@example.com',
    email: 'Ada@Example.com',
    isEmailVerified: true,
    preferredUsername: 'Ada',
    groups: ['admins'],
  });

  const end = await ours.endSessionUrl(identity.idToken, afterLogoutUrl);
  const asked = await browser.open(end ?? '');
  expect(asked.page).toContain('Sign out?');
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(asked.page)?.[1] ?? '';
  const action = /action="([^"]+)"/.exec(asked.page)?.[1] ?? '';
  await browser.open(action, { xsrf, logout: 'yes' });
  expect(browser.at.href).toBe(afterLogoutUrl);
  expect((await browser.open((await ours.begin()).url)).page).toContain('E-mail address');
});

test('nobody is an administrator who does not ask for it, and a name is not needed', async () => {
  const ours = await start();
  const browser = new Browser();
  const { url, ...checks } = await ours.begin();
  await browser.open(url);
  const wrong = await browser.open(browser.at.href, { email: '"><b>nobody', name: '', do: 'sign-in' });
  expect(wrong.status).toBe(400);
  expect(wrong.page).toContain('Type an e-mail address');
  expect(wrong.page).toContain('value="&quot;&gt;&lt;b&gt;nobody"');
  await browser.open(browser.at.href, { email: 'bob@example.com', name: '', do: 'sign-in' });
  expect(await ours.complete(browser.at, checks)).toMatchObject({ email: 'bob@example.com', groups: [] });
});

test('a cancelled sign-in is told as one, and one that is over as well', async () => {
  const ours = await start();
  const browser = new Browser();
  const { url, ...checks } = await ours.begin();
  await browser.open(url);
  const form = browser.at.href;
  await browser.open(form, { do: 'cancel' });
  await expect(ours.complete(browser.at, checks)).rejects.toMatchObject({
    code: 'oidc.refused',
    details: { code: 'access_denied' },
  });
  const late = await new Browser().open(form);
  expect(late).toMatchObject({ status: 400, page: expect.stringContaining('This sign-in is over.') });
});

test('a taken port is told in a sentence', async () => {
  await start();
  const port = Number(new URL(theirs?.issuer ?? '').port);
  await expect(startDevOidc({ port, redirectUrl, postLogoutRedirectUrls: [], log })).rejects.toMatchObject({
    code: 'config.dev-oidc',
    message: `The try-out provider cannot listen on 127.0.0.1:${port}.`,
  });
});

test('prints nothing of its own accord', () => {
  const script = `
    import { startDevOidc } from ${JSON.stringify(new URL('dev-oidc.ts', import.meta.url).href)};
    const redirectUrl = ${JSON.stringify(redirectUrl)};
    const log = { warn: (...line) => console.log(...line) };
    const provider = await startDevOidc({ port: 0, redirectUrl, postLogoutRedirectUrls: [], log });
    const ask = (path, query) => fetch(provider.issuer + path + '?' + new URLSearchParams(query)).then((r) => r.text());
    const client_id = provider.clientId;
    await ask('/.well-known/openid-configuration', {});
    await ask('/auth', { client_id, response_type: 'code', scope: 'openid', redirect_uri: redirectUrl,
      code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' });
    await ask('/auth', { client_id: 'nobody' });
    await ask('/session/end', { client_id });
    await ask('/session/end/success', {});
    await provider.stop();`;
  const args = ['--input-type=module', '-e', script];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 9_000 });
  expect({ stdout, stderr, status }).toEqual({ stdout: '', stderr: '', status: 0 });
});
