import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  None,
  type ServerMetadata,
} from 'openid-client';
import type { ProviderHealth } from '../../domain/sign-in-provider.ts';
import type { Fault } from '../../kernel/fault.ts';
import { askProvider, unavailable } from './ask-provider.ts';
import type { OidcLog } from './log.ts';
import { knownFault } from './redemption-faults.ts';
import { isLoopback, isTrustedAddress } from './trusted-address.ts';

const DISCOVERY_TIMEOUT_S = 5;
/** For the token endpoint, userinfo and keys. */
const CALL_TIMEOUT_S = 10;
/** A provider that just failed is not asked again at once. */
const REST_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

export interface DiscoverySettings {
  readonly name: string;
  readonly title: string;
  readonly issuer: URL;
  readonly clientId: string;
  /** `null`: a public client. */
  readonly clientSecret: string | null;
  readonly refreshMs: number;
  readonly log: OidcLog;
}

interface Failure {
  readonly fault: Fault;
  readonly atMs: number;
}

/** What the provider says about itself, found out when it is needed and kept; and whether it answers. */
export class Discovery {
  readonly #settings: DiscoverySettings;
  #found: Configuration | undefined;
  #foundAtMs = 0;
  #failure: Failure | undefined;
  #running: Promise<Configuration> | undefined;
  #health: ProviderHealth = { state: 'unknown' };

  constructor(settings: DiscoverySettings) {
    this.#settings = settings;
  }

  health(): ProviderHealth {
    return this.#health;
  }

  /** Something that the provider was asked went well. */
  noteSuccess(): void {
    const { name, issuer, log } = this.#settings;
    if (this.#health.state === 'unavailable') {
      log.info({ provider: name, issuer: issuer.href }, 'the sign-in provider is back');
    }
    this.#health = { state: 'ready' };
  }

  /** The provider failed at something. One line an outage: people try again and again. */
  noteFailure(fault: Fault): void {
    const { name, issuer, log } = this.#settings;
    if (this.#health.state !== 'unavailable') {
      log.warn({ provider: name, issuer: issuer.href, reason: fault.message }, 'no sign-in by the provider');
    }
    this.#health = { state: 'unavailable', reason: fault.message };
  }

  /** What was found, however old: a refresh happens behind the caller's back. Fault: `oidc.unavailable`. */
  configuration(): Promise<Configuration> {
    if (!this.#found) return this.#look();
    if (performance.now() - this.#foundAtMs > this.#settings.refreshMs) this.#refresh();
    return Promise.resolve(this.#found);
  }

  /** Keeps looking, more often while the provider is away; the answer ends it. */
  watch(): () => void {
    let timer: NodeJS.Timeout | undefined;
    let isStopped = false;
    let failures = 0;
    const look = async (): Promise<void> => {
      const isReady = await this.#look().then(
        () => true,
        () => false,
      );
      failures = isReady ? 0 : failures + 1;
      if (isStopped) return;
      const pauseMs = isReady
        ? this.#settings.refreshMs
        : Math.min(REST_MS * 2 ** failures, LONGEST_RETRY_MS);
      timer = setTimeout(() => void look(), pauseMs).unref();
    };
    void look();
    return () => {
      isStopped = true;
      clearTimeout(timer);
    };
  }

  #refresh(): void {
    // What went wrong is told by the health and the log; what was found before goes on being used.
    this.#look().catch(() => undefined);
  }

  /** All callers share one attempt, and for a moment the failure of the last one. */
  #look(): Promise<Configuration> {
    if (this.#running !== undefined) return this.#running;
    if (this.#failure && performance.now() - this.#failure.atMs < REST_MS) {
      return Promise.reject(this.#failure.fault);
    }
    this.#running = this.#attempt().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #attempt(): Promise<Configuration> {
    try {
      const configuration = await discover(this.#settings);
      // The keys that were fetched belong to the object: it stays while it says the same.
      if (!this.#found || !saysTheSame(this.#found, configuration)) this.#found = configuration;
      this.#foundAtMs = performance.now();
      this.#failure = undefined;
      this.noteSuccess();
      return this.#found;
    } catch (error) {
      const fault = faultOf(error, this.#settings);
      this.#failure = { fault, atMs: performance.now() };
      this.noteFailure(fault);
      throw fault;
    }
  }
}

function saysTheSame(one: Configuration, other: Configuration): boolean {
  return JSON.stringify(one.serverMetadata()) === JSON.stringify(other.serverMetadata());
}

async function discover(settings: DiscoverySettings): Promise<Configuration> {
  const { title, issuer, clientId, clientSecret } = settings;
  const authenticate: ClientAuth = (as, client, body, headers) =>
    clientAuthOf(as, clientSecret)(as, client, body, headers);
  const configuration = await discovery(issuer, clientId, undefined, authenticate, {
    timeout: DISCOVERY_TIMEOUT_S,
    [customFetch]: askProvider(title),
    execute: [
      // In the code flow the library trusts the connection and skips the signature, unless told otherwise.
      enableNonRepudiationChecks,
      ...(isLoopback(issuer) ? [allowInsecureRequests] : []),
    ],
  });
  configuration.timeout = CALL_TIMEOUT_S;
  requireUsable(configuration.serverMetadata(), settings);
  return configuration;
}

/** OpenID Connect Discovery §3: without a list, `client_secret_basic` is what a provider takes. */
function clientAuthOf(metadata: ServerMetadata, clientSecret: string | null): ClientAuth {
  if (clientSecret === null) return None();
  const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  return methods.includes('client_secret_basic') || !methods.includes('client_secret_post')
    ? ClientSecretBasic(clientSecret)
    : ClientSecretPost(clientSecret);
}

function requireUsable(metadata: ServerMetadata, { title, issuer }: DiscoverySettings): void {
  // The library lets some well-known hosts pass that name another issuer than the one that was asked.
  if (!URL.canParse(metadata.issuer) || new URL(metadata.issuer).href !== issuer.href) {
    throw unavailable(title, 'answers as another issuer than the configured one');
  }
  for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const) {
    requireAddress(metadata[name], name, title, issuer);
  }
  for (const name of ['userinfo_endpoint', 'end_session_endpoint'] as const) {
    if (metadata[name] !== undefined) requireAddress(metadata[name], name, title, issuer);
  }
}

function requireAddress(value: string | undefined, name: string, title: string, issuer: URL): void {
  const url = value === undefined ? null : URL.parse(value);
  // What is found over TLS must not lead out of it.
  const isTrusted = url && isTrustedAddress(url) && (url.protocol === 'https:' || isLoopback(issuer));
  if (!isTrusted) throw unavailable(title, `names no usable ${name}`);
}

function faultOf(error: unknown, { title }: DiscoverySettings): Fault {
  const known = knownFault(error);
  if (known) return known;
  const isOtherIssuer =
    error instanceof Error && 'code' in error && error.code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED';
  return unavailable(
    title,
    isOtherIssuer
      ? 'answers as another issuer than the configured one'
      : 'does not describe itself as OpenID Connect Discovery asks',
  );
}
