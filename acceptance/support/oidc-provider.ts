/** A real OpenID Connect provider in the test's process, with accounts that are chosen by login name. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import Provider, { type Adapter, type AdapterPayload, type Configuration } from 'oidc-provider';

export interface ProviderAccount {
  readonly subject: string;
  readonly email?: string;
  /** Absent: the provider does not say. */
  readonly isEmailVerified?: boolean;
  readonly groups?: readonly string[];
}

export interface OidcProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** By login name. */
  readonly accounts: Map<string, ProviderAccount>;
  /** Walks from an authorization address, as that account, to where the browser is sent back to. */
  walk(url: string, login: string): Promise<string>;
  stop(): Promise<void>;
}

export interface ClientOptions {
  readonly redirectUrl: string;
  readonly afterLogoutUrl: string;
  /** Default: any free one. */
  readonly port?: number;
}

const CLIENT_ID = 'backyard-acceptance';
const LIFETIME_S = 600;

/** Forgets when the test ends. */
class MemoryAdapter implements Adapter {
  readonly #model: string;
  readonly #stored: Map<string, AdapterPayload>;

  constructor(model: string, stored: Map<string, AdapterPayload>) {
    this.#model = model;
    this.#stored = stored;
  }

  async upsert(id: string, payload: AdapterPayload): Promise<void> {
    this.#stored.set(`${this.#model} ${id}`, payload);
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    return this.#stored.get(`${this.#model} ${id}`);
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const mine = [...this.#stored].filter(([key]) => key.startsWith(`${this.#model} `));
    return mine.find(([, payload]) => payload.uid === uid)?.[1];
  }

  async findByUserCode(): Promise<undefined> {
    return undefined;
  }

  async consume(id: string): Promise<void> {
    const payload = await this.find(id);
    if (payload) payload.consumed = Math.floor(Date.now() / 1_000);
  }

  async destroy(id: string): Promise<void> {
    this.#stored.delete(`${this.#model} ${id}`);
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [key, payload] of this.#stored) if (payload.grantId === grantId) this.#stored.delete(key);
  }
}

/**
 * Starts a provider under the name `localhost`, so that a browser takes it for another site than a product at
 * 127.0.0.1.
 */
export async function startOidcProvider(options: ClientOptions): Promise<OidcProvider> {
  const server = createServer();
  const issuer = await listen(server, options.port ?? 0);
  const clientSecret = randomBytes(24).toString('base64url');
  const accounts = new Map<string, ProviderAccount>();
  const provider = new Provider(issuer, await configurationFor(options, clientSecret, accounts));
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (request.url?.startsWith('/interaction/')) void answerLogin(provider, accounts, request, response);
    else void answer(request, response);
  });
  return { issuer, clientId: CLIENT_ID, clientSecret, accounts, walk, stop: () => stop(server) };
}

async function answerLogin(
  provider: Provider,
  accounts: ReadonlyMap<string, ProviderAccount>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(page('Sign in', '<form method="post"><input name="login"><button>Sign in</button></form>'));
    return;
  }
  const login = new URLSearchParams(await text(request)).get('login') ?? '';
  const account = accounts.get(login);
  const result = account
    ? { login: { accountId: account.subject, remember: false } }
    : { error: 'access_denied', error_description: 'nobody of that name' };
  await provider.interactionFinished(request, response, result);
}

async function configurationFor(
  { redirectUrl, afterLogoutUrl }: ClientOptions,
  clientSecret: string,
  accounts: ReadonlyMap<string, ProviderAccount>,
): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const key = {
    ...((await exportJWK(privateKey)) as JWK & { kty: string }),
    kid: 'one',
    alg: 'ES256',
    use: 'sig',
  };
  return {
    adapter: memoryAdapters(),
    jwks: { keys: [key] },
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: clientSecret,
        redirect_uris: [redirectUrl],
        post_logout_redirect_uris: [afterLogoutUrl],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['preferred_username', 'groups'],
    },
    clientBasedCORS: () => false,
    cookies: { keys: [randomBytes(24).toString('base64url')] },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => {
          const button = '<button form="op.logoutForm" name="logout" value="yes">Sign out</button>';
          ctx.body = page('Sign out?', `${form}${button}`);
        },
      },
    },
    findAccount: (_ctx, subject) => findAccount(accounts, subject),
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
    renderError: (ctx, out) => {
      ctx.body = page('Error', `<p id="error">${out.error}</p>`);
    },
    ttl: {
      AccessToken: LIFETIME_S,
      AuthorizationCode: 60,
      Grant: LIFETIME_S,
      IdToken: LIFETIME_S,
      Interaction: LIFETIME_S,
      Session: LIFETIME_S,
    },
  };
}

function memoryAdapters(): (model: string) => Adapter {
  const stored = new Map<string, AdapterPayload>();
  return (model) => new MemoryAdapter(model, stored);
}

function findAccount(accounts: ReadonlyMap<string, ProviderAccount>, subject: string) {
  const found = [...accounts].find(([, account]) => account.subject === subject);
  if (!found) return undefined;
  const [login, { email, isEmailVerified, groups }] = found;
  const claims = {
    sub: subject,
    preferred_username: login,
    ...(email === undefined ? {} : { email }),
    ...(isEmailVerified === undefined ? {} : { email_verified: isEmailVerified }),
    ...(groups === undefined ? {} : { groups: [...groups] }),
  };
  return { accountId: subject, claims: async () => claims };
}

function page(title: string, content: string): string {
  return `<!doctype html><title>${title}</title><h1>${title}</h1>${content}`;
}

/** As a browser would, with cookies of its own. */
async function walk(url: string, login: string): Promise<string> {
  const cookies = new Map<string, string>();
  const home = new URL(url).host;
  let next = new URL(url);
  let body: URLSearchParams | null = null;
  for (let step = 0; step < 10; step += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const method = body ? 'POST' : 'GET';
    const response: Response = await fetch(next, { method, body, redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const shown = await response.text();
    const location = response.headers.get('location');
    if (location !== null) next = new URL(location, next);
    else if (!shown.includes('name="login"')) throw new Error(`no way on: ${response.status} ${shown}`);
    if (next.host !== home) return next.href;
    body = location === null ? new URLSearchParams({ login }) : null;
  }
  throw new Error('the way never ends');
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(`http://localhost:${typeof address === 'object' && address !== null ? address.port : port}`);
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
