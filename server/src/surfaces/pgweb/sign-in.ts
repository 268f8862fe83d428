import type { pgweb } from '@backyard/contracts/pgweb';
import { logout } from '../../operations/identity/logout.ts';
import { getProfile } from '../../operations/identity/profile.ts';
import { beginSignIn, SIGN_IN_MS } from '../../operations/sign-in/begin.ts';
import { completeSignIn } from '../../operations/sign-in/complete.ts';
import { endedLoginCookie, endedSessionCookie, loginCookie, sessionCookie } from '../kit/browser.ts';
import type { Answer } from '../kit/problem.ts';
import type { Implementations, RouteRequest } from '../kit/surface.ts';

type Names =
  | 'sign-in.begin'
  | 'sign-in.begin-by-link'
  | 'sign-in.complete'
  | 'identity.logout'
  | 'identity.me';

function redirect(location: string, cookies: string[] = []): Answer {
  const headers = { location, 'cache-control': 'no-store' };
  return {
    status: 302,
    body: null,
    headers: { ...headers, ...(cookies.length > 0 && { 'set-cookie': cookies }) },
  };
}

async function begin({
  context,
  query,
  browser,
}: Pick<RouteRequest, 'context' | 'browser'> & { query: unknown }) {
  const { provider, return_to: returnTo } = query as { provider?: string; return_to?: string };
  const begun = await beginSignIn(context, { provider, returnTo, browser: browser.loginCookie });
  return redirect(begun.url, [loginCookie(browser, begun.browser, SIGN_IN_MS / 1000)]);
}

export const signInImplementations: Pick<Implementations<typeof pgweb>, Names> = {
  'sign-in.begin': begin,
  'sign-in.begin-by-link': begin,

  'sign-in.complete': async ({ context, origin, browser }) => {
    const { session, returnTo, hasOthers } = await completeSignIn(context, {
      url: browser.url,
      browser: browser.loginCookie,
      earlierSession: browser.sessionCookie,
      origin,
    });
    const cookies = [sessionCookie(browser, session)];
    if (!hasOthers) cookies.push(endedLoginCookie(browser));
    return redirect(returnTo ?? '/dashboard', cookies);
  },

  'identity.logout': async ({ context, origin, browser }) => {
    const { location } = await logout(context, origin, browser.sessionCookie);
    // Another site's page cannot end a session, nor make the browser forget it.
    return redirect(location, browser.isCrossSite ? [] : [endedSessionCookie(browser)]);
  },

  'identity.me': async ({ context, caller }) => {
    const { subject } = await getProfile(context, caller);
    return {
      status: 200,
      body: {
        internal_user_id: caller.userUuid,
        oidc_sub: subject ?? '',
        email: caller.email ?? '',
        id: caller.userId,
        username: caller.username,
        is_admin: caller.isAdmin,
      },
    };
  },
};
