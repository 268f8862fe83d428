/** An organisation's identity provider (OpenID Connect), as operations see it. */

/** Whom the provider vouches for, after its ID token was checked. */
export interface ProviderIdentity {
  readonly issuer: string;
  /** Unique and unchanging at this issuer. */
  readonly subject: string;
  readonly email: string | null;
  /** `null`: the provider does not say. */
  readonly isEmailVerified: boolean | null;
  readonly preferredUsername: string | null;
  /** `null`: the provider does not say. */
  readonly groups: readonly string[] | null;
  /** Kept sealed for the provider's own logout. */
  readonly idToken: string;
}

/** What must be kept between sending a browser away and its return; none of it may reach a log. */
export interface SignInChecks {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

export type ProviderHealth =
  | { readonly state: 'unknown' | 'ready' }
  /** `reason` is a sentence for people. */
  | { readonly state: 'unavailable'; readonly reason: string };

/** Rules that turn the provider's claims into an account of ours. */
export interface ProviderRules {
  /** An absent `email_verified` counts as true; `false` never does. */
  readonly trustsEmail: boolean;
  /** Members are administrators; `null`: roles are not taken from the provider. */
  readonly adminGroups: readonly string[] | null;
  /** Only members may sign in; `null`: everybody whom the provider knows. */
  readonly allowedGroups: readonly string[] | null;
}

export interface SignInProvider {
  /** In addresses and settings: `[a-z0-9-]`. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly issuer: string;
  readonly rules: ProviderRules;
  /** What the last attempt to reach it showed; asks nothing. */
  health(): ProviderHealth;
  /** Where to send the browser. Fault: `oidc.unavailable`. */
  begin(): Promise<SignInChecks & { readonly url: string }>;
  /**
   * Redeems the code that the browser brought back. `callback` is the address as the browser called it. Faults:
   * `oidc.state` (the answer is not for this sign-in, or of another issuer), `oidc.refused` (`details.code`),
   * `oidc.exchange`, `oidc.id-token-missing`, `oidc.id-token-invalid`, `oidc.nonce`, `oidc.unavailable`.
   */
  complete(callback: URL, checks: SignInChecks): Promise<ProviderIdentity>;
  /** Where the browser ends its session at the provider; `null` when the provider has no such place. */
  endSessionUrl(idToken: string, returnTo: string | null): Promise<string | null>;
}
