import { isFault } from '../../kernel/fault.ts';
import { login } from '../../operations/identity/login.ts';
import { listProviders } from '../../operations/identity/providers.ts';
import { localPath } from '../../operations/sign-in/begin.ts';
import { sessionCookie } from '../kit/browser.ts';
import type { Page } from './page.ts';
import type { PageRoute, Redirect } from './serve-page.ts';
import { type SignInView, signInPage } from './sign-in-page.ts';
import type { Visit } from './visit.ts';

const PATH = '/sign-in';

/** Where people sign in who are to come back. */
export function signInAddress(returnTo: string): string {
  return `${PATH}?${new URLSearchParams({ return_to: returnTo })}`;
}

export const signInRoute: PageRoute = {
  path: PATH,
  isSignIn: true,

  async get(visit): Promise<Page> {
    const caller = await visit.findCaller();
    const returnTo = localPath(visit.query('return_to'));
    const providers = listProviders(visit.context);
    return signInPage({ returnTo, providers, username: caller?.username });
  },

  async post(visit): Promise<Page | Redirect> {
    const returnTo = localPath(visit.field('return_to'));
    const typedName = visit.field('username') ?? '';
    const password = visit.field('password') ?? '';
    const again = (problem: NonNullable<SignInView['problem']>) =>
      signInPage({ returnTo, providers: listProviders(visit.context), typedName, problem });
    if (typedName === '' || password === '') {
      return again({ status: 400, text: 'Type your user name and your password.' });
    }
    return signIn(visit, { typedName, password, returnTo }).catch((error: unknown) => {
      if (isFault(error, 'login.wrong')) {
        return again({ status: 401, text: 'The user name or the password is wrong.' });
      }
      if (isFault(error, 'login.disabled')) {
        return again({ status: 401, text: 'This account is disabled. An administrator can enable it.' });
      }
      throw error;
    });
  },
};

interface Attempt {
  readonly typedName: string;
  readonly password: string;
  readonly returnTo: string | null;
}

async function signIn(
  { context, origin, browser }: Visit,
  { typedName: username, password, returnTo }: Attempt,
): Promise<Redirect> {
  const earlierSession = browser.sessionCookie;
  const session = await login(context, origin, { username, password, carrier: 'cookie', earlierSession });
  return { location: returnTo ?? '/', headers: { 'set-cookie': sessionCookie(browser, session) } };
}
