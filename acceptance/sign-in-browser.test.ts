/** The pages as people use them: in a real browser, with a real provider. */
import type { BrowserContext, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { api } from './support/api.ts';
import { hasBrowser, useBrowser } from './support/browser.ts';
import { useSignIn } from './support/oidc-product.ts';
import { startOidcProvider } from './support/oidc-provider.ts';
import { Pages } from './support/pages.ts';
import { createPerson, type Person, uniqueName } from './support/people.ts';
import type { Me } from './support/wire.ts';

describe.skipIf(!hasBrowser())('in a browser', () => {
  const pair = useSignIn(startOidcProvider);
  const open = useBrowser();
  let pages: Pages;
  let alice: Person;

  beforeAll(async () => {
    pages = new Pages(pair().product.url);
    alice = await createPerson(pair().product, 'alice');
  });

  /** Everything that the page's policy forbids, or that broke. */
  function watch(page: Page): string[] {
    const complaints: string[] = [];
    page.on('console', (message) => {
      // A status from 400 on is no fault of a page.
      const isStatus = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !isStatus) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    return complaints;
  }

  async function newPage(): Promise<{ context: BrowserContext; page: Page; complaints: string[] }> {
    const context = await open();
    const page = await context.newPage();
    return { context, page, complaints: watch(page) };
  }

  async function signIn(page: Page, { username, password }: Person): Promise<void> {
    await page.getByLabel('User name').fill(username);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  test('a person signs in with a password, approves, and the program is in', async () => {
    const { page, complaints } = await newPage();
    const started = await pages.startDevice('backyard on a laptop');
    await page.goto(started.verification_uri_complete);
    await signIn(page, { ...alice, password: 'wrong' });
    await page.getByRole('alert').getByText('The user name or the password is wrong.').waitFor();
    expect(await page.getByLabel('User name').inputValue()).toBe(alice.username);
    await page.getByLabel('Password').fill(alice.password);
    await page.keyboard.press('Enter');
    await page.waitForURL(started.verification_uri_complete);
    expect(await page.getByRole('definition').allInnerTexts()).toEqual([
      'backyard on a laptop',
      '127.0.0.1',
      'less than a minute ago',
      started.user_code,
    ]);
    expect(await page.getByText('Only approve if you started this sign-in yourself').isVisible()).toBe(true);
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('heading', { name: 'Approved' }).waitFor();
    const { body } = await pages.poll(started);
    const me = await api(pair().product.url, body.token).get<Me>('/auth/me');
    expect(me.body.username).toBe(alice.username);
    expect(complaints).toEqual([]);
  });

  test('a person types the code as they like, denies, and signs out', async () => {
    const { context, page, complaints } = await newPage();
    const started = await pages.startDevice();
    await page.goto(started.verification_uri);
    await signIn(page, alice);
    await page.getByLabel('Code').fill('bcdf ghjk');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('alert').getByText('No program waits with this code.').waitFor();
    await page.getByLabel('Code').fill(started.user_code.toLowerCase().replace('-', ' '));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByRole('heading', { name: 'Denied' }).waitFor();
    expect(await pages.pollError(started)).toBe('access_denied');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    expect(await context.cookies()).toEqual([]);
    await page.goto(started.verification_uri);
    expect(new URL(page.url()).pathname).toBe('/sign-in');
    expect(complaints).toEqual([]);
  });

  test('a person comes by the provider, approves, and leaves by the provider', async () => {
    const { product, provider } = pair();
    const login = uniqueName('ada');
    const email = `${login}@example.com`;
    provider.accounts.set(login, { subject: login, email, isEmailVerified: true });
    const { page, complaints } = await newPage();
    const started = await pages.startDevice();
    await page.goto(started.verification_uri_complete);
    await page.getByRole('link', { name: 'Sign in with Single sign-on' }).click();
    await page.waitForURL(`${provider.issuer}/**`);
    await page.getByRole('textbox').fill(login);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(started.verification_uri_complete);
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('heading', { name: 'Approved' }).waitFor();
    const { body } = await pages.poll(started);
    const me = await api(product.url, body.token).get<Me>('/auth/me');
    expect(me.body.email).toBe(email);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('link', { name: `continue at ${new URL(provider.issuer).host}` }).click();
    await page.getByRole('heading', { name: 'Sign out?' }).waitFor();
    expect(new URL(page.url()).origin).toBe(provider.issuer);
    expect(complaints).toEqual([]);
  });

  test.each([320, 390, 1280])('nothing sticks out of a window that is %i wide', async (width) => {
    const { page } = await newPage();
    await page.setViewportSize({ width, height: 700 });
    const { verification_uri_complete } = await pages.startDevice(`a long name ${'x'.repeat(88)}`);
    for (const path of [verification_uri_complete, '/sign-in', '/sign-out']) {
      await page.goto(new URL(path, pair().product.url).href);
      const [content, visible] = await page.evaluate<[number, number]>(
        '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
      );
      expect({ path, content }).toEqual({ path, content: visible });
      if (page.url().includes('return_to')) {
        await signIn(page, alice);
        await page.getByRole('button', { name: 'Approve' }).waitFor();
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(visible);
      }
    }
  });
});
