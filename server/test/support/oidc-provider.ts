/** A real OpenID Connect provider in this process, on loopback, whose visitor is always signed in as `visitor`. */
import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { type Configuration, type JWK } from 'oidc-provider';
import { devOidcStorage } from '../../src/main/dev-oidc/storage.ts';

export interface ProviderAccount {
  readonly subject: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

export interface TestProvider {
  readonly issuer: string;
  /** Who sits at the browser. */
  visitor: ProviderAccount;
  /** Walks from an authorization address to the address that the browser is sent back to. */
  walk(url: string): Promise<URL>;
  stop(): Promise<void>;
}

export interface TestProviderOptions {
  readonly signedBy?: 'RS256' | 'PS256' | 'ES256' | 'EdDSA';
  /** `null`: a public client. */
  readonly clientSecret?: string | null;
  /** Claims stand in the ID token too, not in userinfo alone. */
  readonly fullIdToken?: boolean;
}

export const CLIENT_ID = 'backyard';
export const CLIENT_SECRET = 'a-secret-that-only-tests-know';
export const REDIRECT_URL = 'http://127.0.0.1:21100/auth/callback';
export const AFTER_LOGOUT_URL = 'http://127.0.0.1:21100/';

export async function startTestProvider(options: TestProviderOptions = {}): Promise<TestProvider> {
  const server = createServer();
  const issuer = await listen(server);
  const provider = new Provider(issuer, await configurationFor(options));
  const answer = provider.callback();
  const state = { visitor: { subject: 'nobody', claims: {} } as ProviderAccount };
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/')) {
      accounts.set(state.visitor.subject, state.visitor);
      void provider.interactionFinished(request, response, { login: { accountId: state.visitor.subject } });
    } else {
      void answer(request, response);
    }
  });
  return {
    issuer,
    get visitor() {
      return state.visitor;
    },
    set visitor(account) {
      state.visitor = account;
    },
    walk,
    stop: () => stop(server),
  };
}

const accounts = new Map<string, ProviderAccount>();

async function configurationFor(options: TestProviderOptions): Promise<Configuration> {
  const { signedBy = 'RS256', clientSecret = CLIENT_SECRET, fullIdToken = false } = options;
  const { privateKey } = await generateKeyPair(signedBy, { extractable: true });
  const key = { ...((await exportJWK(privateKey)) as JWK), kid: 'one', alg: signedBy, use: 'sig' };
  return {
    adapter: devOidcStorage(),
    jwks: { keys: [key] },
    clients: [
      {
        client_id: CLIENT_ID,
        ...(clientSecret === null
          ? { token_endpoint_auth_method: 'none' as const }
          : { client_secret: clientSecret }),
        redirect_uris: [REDIRECT_URL],
        post_logout_redirect_uris: [AFTER_LOGOUT_URL],
        id_token_signed_response_alg: signedBy,
      },
    ],
    clientBasedCORS: () => false,
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'preferred_username', 'groups'],
    },
    conformIdTokenClaims: !fullIdToken,
    cookies: { keys: ['only-for-tests'] },
    enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_ctx, subject) => {
      const claims = accounts.get(subject)?.claims ?? {};
      return { accountId: subject, claims: async () => ({ ...claims, sub: subject }) };
    },
    loadExistingGrant: async (ctx) => {
      const { client, session, provider } = ctx.oidc;
      const grant = new provider.Grant({
        clientId: client?.clientId ?? '',
        accountId: session?.accountId ?? '',
      });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
    pkce: { required: () => true },
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      Grant: 600,
      IdToken: 600,
      Interaction: 600,
      Session: 600,
    },
  };
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`);
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** As a browser would, with cookies and without looking at pages. */
async function walk(url: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let next = new URL(url);
  for (let step = 0; step < 10; step += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(next, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';', 1)[0] ?? '').split('=', 2);
      cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) throw new Error(`no way on: ${response.status} ${await response.text()}`);
    await response.body?.cancel();
    next = new URL(location, next);
    if (next.href.startsWith(REDIRECT_URL)) return next;
  }
  throw new Error('the way never ends');
}
