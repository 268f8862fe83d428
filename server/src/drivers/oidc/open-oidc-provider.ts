import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type {
  ProviderHealth,
  ProviderIdentity,
  ProviderRules,
  SignInChecks,
  SignInProvider,
} from '../../domain/sign-in-provider.ts';
import { Fault, isFault } from '../../kernel/fault.ts';
import { codeOf } from './callback.ts';
import { type Claims, identityOf, isSubject, wantsUserInfo } from './claims.ts';
import { Discovery } from './discovery.ts';
import type { OidcLog } from './log.ts';
import { tokenFault, userInfoFault } from './redemption-faults.ts';
import { isTrustedAddress } from './trusted-address.ts';

export interface OidcSettings {
  readonly name: string;
  readonly title: string;
  /** https, or http on this machine. */
  readonly issuer: string;
  readonly clientId: string;
  /** `null`: a public client, which PKCE alone protects. */
  readonly clientSecret: string | null;
  /** As it is registered at the provider; without query and fragment. */
  readonly redirectUrl: string;
  /** `openid` is always asked for. */
  readonly scopes: readonly string[];
  readonly groupsClaim: string;
  readonly rules: ProviderRules;
  readonly log: OidcLog;
  /** After which time the provider is asked again what it is like. Default: 5 minutes. */
  readonly refreshMs?: number;
}

const REFRESH_MS = 5 * 60_000;

export interface OidcProvider extends SignInProvider {
  /** Looks at the provider now and then, so that `health` tells something before anybody signs in; the answer ends it. */
  watch(): () => void;
}

/** An OpenID Connect provider. Asks nothing yet. Fault: `config.oidc` when the settings cannot be right. */
export function openOidcProvider(settings: OidcSettings): OidcProvider {
  return new ConnectedProvider(settings);
}

class ConnectedProvider implements OidcProvider {
  readonly name: string;
  readonly title: string;
  readonly issuer: string;
  readonly rules: ProviderRules;
  readonly #settings: OidcSettings;
  readonly #redirectUrl: string;
  readonly #scope: string;
  readonly #discovery: Discovery;

  constructor(settings: OidcSettings) {
    const { name, title, clientId, clientSecret, log, refreshMs = REFRESH_MS } = settings;
    const issuer = parseIssuer(settings.issuer);
    this.name = name;
    this.title = title;
    this.issuer = settings.issuer;
    this.rules = settings.rules;
    this.#settings = settings;
    this.#redirectUrl = parseRedirectUrl(settings.redirectUrl);
    this.#scope = [...new Set(['openid', ...settings.scopes])].join(' ');
    this.#discovery = new Discovery({ name, title, issuer, clientId, clientSecret, refreshMs, log });
  }

  health(): ProviderHealth {
    return this.#discovery.health();
  }

  watch(): () => void {
    return this.#discovery.watch();
  }

  async begin(): Promise<SignInChecks & { readonly url: string }> {
    const configuration = await this.#discovery.configuration();
    const checks = { state: randomState(), nonce: randomNonce(), codeVerifier: randomPKCECodeVerifier() };
    const url = buildAuthorizationUrl(configuration, {
      redirect_uri: this.#redirectUrl,
      scope: this.#scope,
      state: checks.state,
      nonce: checks.nonce,
      code_challenge: await calculatePKCECodeChallenge(checks.codeVerifier),
      code_challenge_method: 'S256',
    });
    return { ...checks, url: url.href };
  }

  async complete(callback: URL, checks: SignInChecks): Promise<ProviderIdentity> {
    const configuration = await this.#discovery.configuration();
    const code = codeOf(callback, checks.state, configuration.serverMetadata());
    try {
      const identity = await this.#redeem(configuration, code, checks);
      this.#discovery.noteSuccess();
      return identity;
    } catch (error) {
      const fault = tokenFault(error, this.title);
      this.#note(fault);
      throw fault;
    }
  }

  async endSessionUrl(idToken: string, returnTo: string | null): Promise<string | null> {
    const configuration = await this.#reachable();
    if (configuration?.serverMetadata().end_session_endpoint === undefined) return null;
    return buildEndSessionUrl(configuration, {
      id_token_hint: idToken,
      ...(returnTo === null ? {} : { post_logout_redirect_uri: returnTo }),
    }).href;
  }

  /** Signing out of here must not depend on the provider. */
  async #reachable(): Promise<Configuration | undefined> {
    try {
      return await this.#discovery.configuration();
    } catch (error) {
      if (isFault(error, 'oidc.unavailable')) return undefined;
      throw error;
    }
  }

  async #redeem(configuration: Configuration, code: string, checks: SignInChecks): Promise<ProviderIdentity> {
    // Only what is needed reaches the library, at the address that the code was asked for: the browser may have
    // come by an older one.
    const answer = new URL(this.#redirectUrl);
    answer.search = new URLSearchParams({ code, state: checks.state }).toString();
    const iss = configuration.serverMetadata().issuer;
    answer.searchParams.set('iss', iss);
    const tokens = await authorizationCodeGrant(configuration, answer, {
      expectedState: checks.state,
      expectedNonce: checks.nonce,
      pkceCodeVerifier: checks.codeVerifier,
      idTokenExpected: true,
    });
    const claims: Claims & { sub?: unknown } = tokens.claims() ?? {};
    if (!isSubject(claims.sub) || tokens.id_token === undefined) {
      throw new Fault('oidc.id-token-invalid', `The ID token of "${this.title}" names nobody.`);
    }
    const userInfo = await this.#userInfo(configuration, tokens.access_token, claims.sub, claims);
    const idToken = { text: tokens.id_token, issuer: iss, subject: claims.sub, claims };
    return identityOf(idToken, userInfo, this.#settings.groupsClaim);
  }

  async #userInfo(
    configuration: Configuration,
    accessToken: string,
    subject: string,
    claims: Claims,
  ): Promise<Claims> {
    const { groupsClaim, rules } = this.#settings;
    const isOffered = configuration.serverMetadata().userinfo_endpoint !== undefined;
    if (!isOffered || !wantsUserInfo(claims, groupsClaim, rules)) return {};
    try {
      return await fetchUserInfo(configuration, accessToken, subject);
    } catch (error) {
      throw userInfoFault(error, this.title);
    }
  }

  #note(fault: Fault): void {
    if (fault.code === 'oidc.unavailable') this.#discovery.noteFailure(fault);
    // A code that is spent or too old is the browser's affair; any other refusal is a setting that is wrong.
    const { code } = fault.details;
    if (fault.code === 'oidc.exchange' && code !== 'invalid_grant') {
      this.#settings.log.warn(
        { provider: this.name, code },
        'the sign-in provider refused us; compare client id, secret and redirect address with what it has',
      );
    }
  }
}

function parseIssuer(text: string): URL {
  const url = URL.parse(text);
  if (!url || !isTrustedAddress(url)) {
    throw new Fault('config.oidc', 'The issuer of a sign-in provider must be an https address.');
  }
  // The library takes an address with this in it as the document itself, and then does not compare the issuer.
  if (url.pathname.includes('/.well-known/') || url.search !== '' || url.hash !== '') {
    throw new Fault('config.oidc', 'Name the issuer of a sign-in provider, not its discovery document.');
  }
  return url;
}

function parseRedirectUrl(text: string): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '') return url.href;
  throw new Fault(
    'config.oidc',
    'The redirect address of a sign-in provider must be an http or https address without a query.',
  );
}
