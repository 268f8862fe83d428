import { randomBytes } from 'node:crypto';
import type { SignInProvider } from '../../domain/sign-in-provider.ts';
import { Fault } from '../../kernel/fault.ts';
import { seal } from '../../kernel/seal.ts';
import { tokenDigest } from '../../kernel/token.ts';
import { checksPlace, hasSignIns, insertSignIn } from '../../store/sign-ins.ts';
import type { Context } from '../context.ts';

/** How long a person has to sign in at the provider: contract pgweb, section 4.2. */
export const SIGN_IN_MS = 600_000;

const LOCAL_PATH = /^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/;
const LONGEST_PATH = 2_000;

export interface BegunSignIn {
  /** At the provider. */
  readonly url: string;
  /** Ties the browser to what it began; all its tabs share one. */
  readonly browser: string;
}

/** The path as it may be redirected to, or `null`: nothing that could lead to another host. */
export function localPath(text: string | undefined): string | null {
  if (text === undefined || text.length > LONGEST_PATH || !LOCAL_PATH.test(text)) return null;
  return text.includes('//') ? null : text;
}

/** The provider of this name, or the first one. Fault: `oidc.not-configured`. */
export function getProvider(context: Context, name: string | undefined): SignInProvider {
  const provider = context.providers.find((one) => name === undefined || one.name === name);
  if (!provider) throw new Fault('oidc.not-configured', 'there is no such sign-in provider');
  return provider;
}

/**
 * Begins a sign-in at a provider: what must be checked later is kept here, not in the browser. `browser` is the
 * value that an earlier call gave this browser, if any. Faults: `oidc.not-configured`, `oidc.unavailable`.
 */
export async function beginSignIn(
  context: Context,
  input: {
    readonly provider: string | undefined;
    readonly returnTo: string | undefined;
    readonly browser: string | undefined;
  },
): Promise<BegunSignIn> {
  const provider = getProvider(context, input.provider);
  const { url, state, nonce, codeVerifier } = await provider.begin();
  // A value that we did not give out, or that is over, is never taken up.
  const isOurs = input.browser !== undefined && (await hasSignIns(context.store, tokenDigest(input.browser)));
  const browser = isOurs && input.browser ? input.browser : randomBytes(32).toString('base64url');
  const stateDigest = tokenDigest(state);
  await insertSignIn(context.store, {
    state_digest: stateDigest,
    browser_digest: tokenDigest(browser),
    provider: provider.name,
    checks: seal(context.ring, checksPlace(stateDigest), JSON.stringify({ nonce, codeVerifier })),
    return_to: localPath(input.returnTo),
    expires_at: new Date(Date.now() + SIGN_IN_MS),
  });
  return { url, browser };
}
