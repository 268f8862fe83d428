import { logout } from '../../operations/identity/logout.ts';
import { localPath } from '../../operations/sign-in/begin.ts';
import { endedSessionCookie } from '../kit/browser.ts';
import { type Html, html } from './html.ts';
import type { Page } from './page.ts';
import type { PageRoute } from './serve-page.ts';
import { signInAddress } from './sign-in.ts';

const PATH = '/sign-out';

/**
 * Pages end a session here instead of at `/auth/logout`, which may lead on to a provider: browsers do not let a
 * form's answer lead to another site when the page says that forms stay here. So the person goes on by a link.
 */
export const signOutRoute: PageRoute = {
  path: PATH,

  async get(visit): Promise<Page> {
    const caller = await visit.findCaller();
    if (caller) return askPage(caller.username);
    return signedOutPage(null, null);
  },

  async post({ context, origin, browser, field }): Promise<Page> {
    const { location } = await logout(context, origin, browser.sessionCookie);
    const page = signedOutPage(localPath(field('return_to')), elsewhere(location, browser.url.origin));
    return { ...page, headers: { 'set-cookie': endedSessionCookie(browser) } };
  },
};

/** A button that looks like a link and ends the session. */
export function signOutForm(returnTo: string): Html {
  return html`<form method="post" action="${PATH}">
<input type="hidden" name="return_to" value="${returnTo}">
<button type="submit" class="plain">Sign out</button></form>`;
}

/** The address when it leads to another site over HTTP. */
function elsewhere(location: string, own: string): URL | null {
  const url = new URL(location, own);
  return url.origin !== own && /^https?:$/.test(url.protocol) ? url : null;
}

function askPage(username: string): Page {
  return {
    status: 200,
    title: 'Sign out',
    content: html`<h1>Sign out?</h1>
<p>You are signed in as <strong>${username}</strong>.</p>
<form method="post" action="${PATH}"><button type="submit">Sign out</button></form>`,
  };
}

function signedOutPage(returnTo: string | null, goOn: URL | null): Page {
  return {
    status: 200,
    title: 'Signed out',
    content: html`<h1>You are signed out</h1>
${
  goOn &&
  html`<p>You may still be signed in elsewhere: <a href="${goOn.href}">continue at ${goOn.host}</a>
to end that too.</p>`
}
<p><a href="${signInAddress(returnTo ?? '/')}">Sign in again</a></p>`,
  };
}
