import type { Origin } from '../../domain/caller.ts';
import type { ProviderIdentity, SignInProvider } from '../../domain/sign-in-provider.ts';
import { Fault } from '../../kernel/fault.ts';
import { unseal } from '../../kernel/seal.ts';
import { tokenDigest } from '../../kernel/token.ts';
import { checksPlace, hasSignIns, type StoredSignIn, takeSignIn } from '../../store/sign-ins.ts';
import { lockUser, type StoredUser } from '../../store/users.ts';
import type { Context } from '../context.ts';
import { auditSignIn } from '../identity/audit-sign-in.ts';
import { type SignedIn, startSession } from '../identity/start-session.ts';
import { endCookieSession, forgetEnded } from '../session/replace.ts';
import { disabled, settleAccount } from './account.ts';

export interface CompletedSignIn {
  readonly session: SignedIn;
  readonly returnTo: string | null;
  /** True while other tabs of this browser are still on their way. */
  readonly hasOthers: boolean;
}

export interface Callback {
  /** As the browser called it. */
  readonly url: URL;
  /** The login cookie. */
  readonly browser: string | undefined;
  /** The session that the browser had until now; it ends. */
  readonly earlierSession: string | undefined;
  readonly origin: Origin;
}

/**
 * Ends a sign-in that `beginSignIn` began, with a new session. Faults: `sign-in.no-browser`, `sign-in.state`,
 * `sign-in.not-allowed`, `sign-in.disabled`, `sign-in.account-failed`, `sign-in.session-failed`, and those of
 * `SignInProvider.complete`. Whatever the fault, the sign-in is used up and there is no session.
 */
export async function completeSignIn(context: Context, callback: Callback): Promise<CompletedSignIn> {
  const { signIn, browserDigest } = await take(context, callback);
  const provider = context.providers.find(({ name }) => name === signIn.provider);
  if (!provider) throw new Fault('sign-in.state', 'its provider is not configured any more');
  const identity = await provider.complete(callback.url, openChecks(context, callback, signIn));
  const user = await settleAccount(context, provider, identity).catch((error: unknown) => {
    if (error instanceof Fault) throw error;
    throw new Fault('sign-in.account-failed', 'the account could not be made', {}, error);
  });
  const session = await storeSession(context, callback, { user, provider, identity }).catch(
    (error: unknown) => {
      if (error instanceof Fault) throw error;
      throw new Fault('sign-in.session-failed', 'the session could not be stored', {}, error);
    },
  );
  const hasOthers = await hasSignIns(context.store, browserDigest);
  return { session, returnTo: signIn.return_to, hasOthers };
}

async function take(
  context: Context,
  { url, browser }: Callback,
): Promise<{ signIn: StoredSignIn; browserDigest: Buffer }> {
  const browserDigest = tokenDigest(browser ?? '');
  if (browser === undefined || !(await hasSignIns(context.store, browserDigest))) {
    throw new Fault('sign-in.no-browser', 'this browser began no sign-in');
  }
  const state = url.searchParams.get('state') ?? '';
  const digests = { state: tokenDigest(state), browser: browserDigest };
  const signIn = await takeSignIn(context.store, digests);
  if (!signIn) throw new Fault('sign-in.state', 'this browser began no sign-in with this state');
  return { signIn, browserDigest };
}

function openChecks(context: Context, { url }: Callback, signIn: StoredSignIn) {
  const opened = unseal(context.ring, checksPlace(signIn.state_digest), signIn.checks);
  const { nonce, codeVerifier } = JSON.parse(opened) as { nonce: string; codeVerifier: string };
  return { state: url.searchParams.get('state') ?? '', nonce, codeVerifier };
}

interface Known {
  readonly user: StoredUser;
  readonly provider: SignInProvider;
  readonly identity: ProviderIdentity;
}

async function storeSession(
  context: Context,
  { origin, earlierSession }: Callback,
  { user, provider, identity }: Known,
): Promise<SignedIn> {
  const method = `oidc:${provider.name}`;
  const { ended, session } = await context.store.transaction().execute(async (db) => {
    // Whoever deactivates the user right now ends the sessions that are there already.
    if (!(await lockUser(db, user.id)).is_active) throw disabled();
    const ended = await endCookieSession(db, earlierSession);
    await auditSignIn(db, { user, method, origin, outcome: 'done' });
    const how = { carrier: 'cookie' as const, method, origin, idToken: identity.idToken };
    return { ended, session: await startSession(context, db, user.id, how) };
  });
  forgetEnded(context, ended);
  return session;
}
