import { describe, expect, test } from 'vitest';
import { renderPage } from './page.ts';
import { signInPage } from './sign-in-page.ts';

const ready = { name: 'sso', title: 'Example Corp', health: { state: 'ready' } } as const;
const away = {
  name: 'old-sso',
  title: 'Old Corp',
  health: { state: 'unavailable', reason: 'Old Corp does not answer.' },
} as const;

describe('the sign-in page', () => {
  test('says to password managers what its fields are', () => {
    const text = renderPage(signInPage({ returnTo: null, providers: [] }));
    expect(text).toContain('<form method="post" action="/sign-in">');
    expect(text).toMatch(
      /<input id="username" name="username" type="text" autocomplete="username"[^>]* required/,
    );
    expect(text).toMatch(
      /<input id="password" name="password" type="password" autocomplete="current-password"/,
    );
    expect(text).not.toContain('return_to');
    expect(text).not.toContain('>or<');
  });

  test('keeps where to go, for the form and for every provider', () => {
    const returnTo = '/device?code=BCDF-GHJK';
    const text = renderPage(signInPage({ returnTo, providers: [ready, away] }));
    expect(text).toContain('<input type="hidden" name="return_to" value="/device?code=BCDF-GHJK">');
    for (const name of ['sso', 'old-sso']) {
      const address = `/auth/login?provider=${name}&amp;return_to=%2Fdevice%3Fcode%3DBCDF-GHJK`;
      expect(text).toContain(`href="${address}"`);
    }
  });

  test('tells which provider cannot be reached, and why', () => {
    const text = renderPage(signInPage({ returnTo: null, providers: [ready, away] }));
    expect(text).toMatch(/aria-describedby="why-old-sso">\s*Sign in with Old Corp<\/a>/);
    expect(text).toContain('<p class="soft" id="why-old-sso">Old Corp does not answer.</p>');
    expect(text).not.toContain('why-sso');
  });

  test('after a wrong attempt keeps the name, says what is wrong, and goes on at the password', () => {
    const problem = { status: 401, text: 'The user name or the password is wrong.' };
    const page = signInPage({ returnTo: null, providers: [], typedName: 'ada', problem });
    const text = renderPage(page);
    expect(page).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer' } });
    expect(text).toContain('role="alert" id="problem">The user name or the password is wrong.</p>');
    expect(text).toMatch(/<input id="username"[^>]* value="ada"(?![^>]*autofocus)/);
    expect(text).toMatch(/<input id="password"(?![^>]*value=)[^>]* autofocus/);
  });

  test('tells who is signed in already', () => {
    const text = renderPage(signInPage({ returnTo: '/device', providers: [], username: 'ada' }));
    expect(text).toMatch(/signed in as <strong>ada<\/strong>\.\s*<a href="\/device">Continue<\/a>/);
  });
});
