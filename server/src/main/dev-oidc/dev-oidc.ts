import { randomBytes } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { createServer, type Server } from 'node:http';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import type { Account, Configuration } from 'oidc-provider';
import { Fault } from '../../kernel/fault.ts';
import type { Log } from '../../kernel/log.ts';
import { answerInteraction, type DevAccount, interactionPath } from './interaction.ts';
import { pageHeaders, renderProblem, renderSignedOut, renderSignOut } from './pages.ts';
import { devOidcStorage } from './storage.ts';

export interface DevOidcSettings {
  /** Default: a port that stays the same from start to start, so that people stay the same; else any. */
  readonly port?: number;
  readonly redirectUrl: string;
  readonly postLogoutRedirectUrls: readonly string[];
  readonly log: Pick<Log, 'warn'>;
}

export interface DevOidc {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const PREFERRED_PORT = 54_330;
const CLIENT_ID = 'backyard-try-out';
const SESSION_S = 8 * 60 * 60;
const INTERACTION_S = 60 * 60;
const TOKEN_S = 10 * 60;
const CODE_S = 60;

/**
 * An OpenID Connect provider to try sign-in with, on this machine only: everybody is who they say they are.
 * Everything but the account's address is forgotten when it stops. Fault: `config.dev-oidc` when the optional
 * package is missing or the port is taken.
 */
export async function startDevOidc(settings: DevOidcSettings): Promise<DevOidc> {
  const Provider = await loadProvider();
  const server = createServer();
  const issuer = await listen(server, settings.port);
  const clientSecret = randomBytes(32).toString('base64url');
  const accounts = new Map<string, DevAccount>();
  const provider = new Provider(issuer, await configurationFor(settings, clientSecret, accounts));
  const { log } = settings;
  // Only texts: what stands around them may hold codes and tokens.
  const tell = (error: unknown): void =>
    log.warn({ reason: error instanceof Error ? error.message : 'unknown' }, 'the try-out provider failed');
  provider.on('server_error', (_ctx, error) => tell(error));
  // Without a listener, Koa prints it: what a browser did that hung up, for one.
  const events: EventEmitter = provider;
  events.on('error', tell);
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url?.startsWith(interactionPath)) {
      void answer(request, response);
      return;
    }
    const remember = accounts.set.bind(accounts);
    answerInteraction(provider, request, response, remember).catch((error: unknown) => {
      tell(error);
      response.destroy();
    });
  });
  return { issuer, clientId: CLIENT_ID, clientSecret, stop: () => close(server) };
}

async function loadProvider(): Promise<typeof import('oidc-provider').default> {
  try {
    const { default: Provider } = await import('oidc-provider');
    return Provider;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
    throw new Fault(
      'config.dev-oidc',
      'The try-out sign-in provider needs the optional npm package oidc-provider, which is not installed. ' +
        'Run `npm ci` without leaving out optional packages, or start without --with-dev-oidc.',
    );
  }
}

/** Everything that the library has a default for which it prints a notice is set, so that the console stays quiet. */
async function configurationFor(
  settings: DevOidcSettings,
  clientSecret: string,
  accounts: ReadonlyMap<string, DevAccount>,
): Promise<Configuration> {
  return {
    adapter: devOidcStorage(),
    jwks: { keys: [await makeSigningKey()] },
    clients: [
      {
        client_id: CLIENT_ID,
        client_secret: clientSecret,
        redirect_uris: [settings.redirectUrl],
        post_logout_redirect_uris: [...settings.postLogoutRedirectUrls],
      },
    ],
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'preferred_username', 'groups'],
    },
    conformIdTokenClaims: false,
    clientBasedCORS: () => false,
    cookies: {
      keys: [randomBytes(32).toString('base64url')],
      // Cookies do not know ports: these are seen by everything else on this host.
      names: { session: 'dev_oidc_session', interaction: 'dev_oidc_interaction', resume: 'dev_oidc_resume' },
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => show(ctx, renderSignOut(form)),
        postLogoutSuccessSource: (ctx) => show(ctx, renderSignedOut()),
      },
    },
    findAccount: (_ctx, subject) => findAccount(accounts, subject),
    interactions: { url: (_ctx, interaction) => `${interactionPath}${interaction.uid}` },
    loadExistingGrant: grantEverything,
    pkce: { required: () => true },
    renderError: (ctx, out) => show(ctx, renderProblem(out.error_description ?? out.error)),
    ttl: {
      AccessToken: TOKEN_S,
      AuthorizationCode: CODE_S,
      Grant: SESSION_S,
      IdToken: TOKEN_S,
      Interaction: INTERACTION_S,
      Session: SESSION_S,
    },
  };
}

async function makeSigningKey(): Promise<JWK & { kid: string; alg: string; use: string }> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: randomBytes(8).toString('hex'), alg: 'RS256', use: 'sig' };
}

type Shown = { body: unknown; set(headers: Record<string, string>): void };

function show(ctx: Shown, page: string): void {
  ctx.set({ ...pageHeaders });
  ctx.body = page;
}

function findAccount(accounts: ReadonlyMap<string, DevAccount>, subject: string): Account | undefined {
  const account = accounts.get(subject);
  if (!account) return undefined;
  const { email, name, groups } = account;
  const [preferred_username = email] = email.split('@', 1);
  const claims = { sub: subject, email, email_verified: true, name, preferred_username, groups: [...groups] };
  return { accountId: subject, claims: () => Promise.resolve(claims) };
}

/** Nobody is asked for consent: there is one client, which is us. */
const grantEverything: NonNullable<Configuration['loadExistingGrant']> = async (ctx) => {
  const { client, session, provider } = ctx.oidc;
  if (!client || !session?.accountId) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope('openid email profile');
  await grant.save();
  return grant;
};

async function listen(server: Server, port: number | undefined): Promise<string> {
  if (port !== undefined) return listenOn(server, port);
  try {
    return await listenOn(server, PREFERRED_PORT);
  } catch {
    return listenOn(server, 0);
  }
}

function listenOn(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error): void =>
      reject(
        new Fault('config.dev-oidc', `The try-out provider cannot listen on ${HOST}:${port}.`, {}, error),
      );
    server.once('error', refuse);
    server.listen(port, HOST, () => {
      server.off('error', refuse);
      const address = server.address();
      const actual = typeof address === 'object' && address !== null ? address.port : port;
      resolve(`http://${HOST}:${actual}`);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
}
