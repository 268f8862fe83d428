/** The whole way of a sign-in and of a logout, in a real browser: contract pgweb, section 4.2. */
import type { BrowserContext, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { hasBrowser, useBrowser } from './support/browser.ts';
import { useSignIn } from './support/oidc-product.ts';
import { startOidcProvider } from './support/oidc-provider.ts';
import { uniqueName } from './support/people.ts';
import type { Me } from './support/wire.ts';

describe.skipIf(!hasBrowser())('in a browser', () => {
  // The provider is `localhost`, the product 127.0.0.1: two sites, as in life.
  const pair = useSignIn(startOidcProvider);
  const open = useBrowser();

  function newLogin(): string {
    const login = uniqueName('ada');
    const email = `${login}@example.com`;
    pair().provider.accounts.set(login, { subject: `subject-of-${login}`, email, isEmailVerified: true });
    return login;
  }

  async function fillIn(page: Page, login: string): Promise<void> {
    await page.getByRole('textbox').fill(login);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  async function signIn(context: BrowserContext, login: string, returnTo: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`${pair().product.url}/auth/login?return_to=${encodeURIComponent(returnTo)}`);
    expect(new URL(page.url()).origin).toBe(pair().provider.issuer);
    await fillIn(page, login);
    await page.waitForURL(`${pair().product.url}${returnTo}`);
    return page;
  }

  async function shown<T>(page: Page): Promise<T> {
    return JSON.parse(await page.locator('body').innerText()) as T;
  }

  /** From a page of ours, by the button of a form. */
  async function leave(page: Page): Promise<void> {
    await page.goto(`${pair().product.url}/healthz`);
    await page.evaluate(`
      const form = Object.assign(document.createElement('form'), { method: 'post', action: '/auth/logout' });
      document.body.append(form);
      form.submit();`);
    await page.getByRole('heading', { name: 'Sign out?' }).waitFor();
  }

  test('a person who signs in comes back to their page, signed in', async () => {
    const login = newLogin();
    const context = await open();
    const page = await signIn(context, login, '/auth/me');
    const me = await shown<Me>(page);
    expect(me).toMatchObject({
      oidc_sub: `subject-of-${login}`,
      email: `${login}@example.com`,
      is_admin: false,
    });

    const cookies = await context.cookies(pair().product.url);
    const ours = cookies.filter(({ name }) => name.startsWith('backyard'));
    expect(ours).toEqual([
      expect.objectContaining({
        name: 'backyard_session',
        httpOnly: true,
        sameSite: 'Lax',
        secure: false,
        path: '/',
        domain: '127.0.0.1',
      }),
    ]);
    expect(await page.evaluate('document.cookie')).toBe('');
  });

  test('two tabs that sign in at the same time both arrive', async () => {
    const login = newLogin();
    const context = await open();
    const [first, second] = [await context.newPage(), await context.newPage()];
    await first.goto(`${pair().product.url}/auth/login?return_to=/auth/me`);
    await second.goto(`${pair().product.url}/auth/login?return_to=/healthz`);
    await fillIn(first, login);
    await first.waitForURL(`${pair().product.url}/auth/me`);
    expect(await shown<Me>(first)).toMatchObject({ oidc_sub: `subject-of-${login}` });
    await second.reload();
    if (new URL(second.url()).origin === pair().provider.issuer) await fillIn(second, login);
    await second.waitForURL(`${pair().product.url}/healthz`);
    await second.goto(`${pair().product.url}/auth/me`);
    expect(await shown<Me>(second)).toMatchObject({ oidc_sub: `subject-of-${login}` });
  });

  test('logout goes by the provider and comes back; neither knows the person any more', async () => {
    const login = newLogin();
    const context = await open();
    const page = await signIn(context, login, '/auth/me');
    await leave(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL(`${pair().product.url}/healthz`);
    const me = await page.goto(`${pair().product.url}/auth/me`);
    expect(me?.status()).toBe(401);
    await page.goto(`${pair().product.url}/auth/login`);
    expect(await page.getByRole('textbox').isVisible()).toBe(true);
  });

  test('the back button leads to a sign-in that is over, and harms nothing', async () => {
    const login = newLogin();
    const context = await open();
    const page = await context.newPage();
    const callbacks: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/auth/callback')) callbacks.push(request.url());
    });
    await page.goto(`${pair().product.url}/auth/login?return_to=/auth/me`);
    await fillIn(page, login);
    await page.waitForURL(`${pair().product.url}/auth/me`);
    expect(callbacks).toHaveLength(1);
    const again = await page.goto(callbacks[0] ?? '');
    expect(again?.status()).toBe(400);
    expect(await shown(page)).toEqual({ error: 'State not found in session or session error' });
    await page.goto(`${pair().product.url}/auth/me`);
    expect(await shown<Me>(page)).toMatchObject({ oidc_sub: `subject-of-${login}` });
  });

  test('somebody whom the provider refuses is told so, and is not signed in', async () => {
    const context = await open();
    const page = await context.newPage();
    await page.goto(`${pair().product.url}/auth/login`);
    await fillIn(page, 'nobody-of-that-name');
    await page.waitForURL(/\/auth\/callback\?/);
    expect(await shown(page)).toEqual({ error: 'Sign-in was refused: access_denied' });
    expect((await page.goto(`${pair().product.url}/auth/me`))?.status()).toBe(401);
  });
});
