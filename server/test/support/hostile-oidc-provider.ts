/** An OpenID Connect provider that lies, breaks and stalls as it is told. Its visitor is always signed in. */
import { createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose';

export type Claims = Record<string, unknown>;

/** How an endpoint misbehaves instead of answering. */
export type Breakage = 'hang' | 'garbage' | 'huge' | 'redirect' | 'hang-up' | number;

export interface Misdeeds {
  /** Instead of the right claims; `undefined` leaves one out. */
  claims?: Claims;
  signature?:
    | 'broken'
    | 'other-key'
    | 'unknown-kid'
    | 'none'
    | 'hs256-secret'
    | 'hs256-public-key'
    | 'not-base64';
  /** Stands in the token answer as it is; `null`: no ID token. */
  idToken?: string | null;
  /** Instead of the right token answer. */
  tokenError?: { status: number; body: unknown; headers?: Record<string, string> };
  token?: Breakage;
  discovery?: Breakage;
  jwks?: Breakage;
  userinfo?: Breakage | Claims;
  /** Changes to what discovery says. */
  metadata?: Claims;
  /** `iss` of the authorization response; `null`: none. */
  iss?: string | null;
  /** The authorization response is an error. */
  error?: string;
}

export interface HostileProvider {
  readonly issuer: string;
  /** Holds from now on. */
  misdeeds: Misdeeds;
  /** How often each endpoint was asked. */
  readonly asked: Map<string, number>;
  /** Bodies and credentials of token requests. */
  readonly tokenRequests: { readonly body: URLSearchParams; readonly authorization: string | undefined }[];
  /** What it handed out: none of it may be seen again in a fault. */
  readonly secrets: string[];
  stop(): Promise<void>;
}

interface State extends HostileProvider {
  readonly keys: {
    readonly right: CryptoKey;
    readonly other: CryptoKey;
    readonly published: JWK;
    readonly pem: string;
  };
  readonly nonces: Map<string, string>;
}

const CLIENT_ID = 'backyard';
const HUGE_BYTES = 2 * 1024 * 1024;

export async function startHostileProvider(port = 0): Promise<HostileProvider> {
  const right = await generateKeyPair('RS256', { extractable: true });
  const other = await generateKeyPair('RS256', { extractable: true });
  const published = { ...(await exportJWK(right.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
  const pem = await exportSPKI(right.publicKey);
  const server = createServer();
  const issuer = await listen(server, port);
  const state: State = {
    issuer,
    misdeeds: {},
    asked: new Map(),
    tokenRequests: [],
    secrets: [],
    keys: { right: right.privateKey, other: other.privateKey, published, pem },
    nonces: new Map(),
    stop: () => stop(server),
  };
  server.on('request', (request, response) => void answer(state, request, response));
  return state;
}

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', state.issuer);
  state.asked.set(url.pathname, (state.asked.get(url.pathname) ?? 0) + 1);
  const { misdeeds } = state;
  switch (url.pathname) {
    case '/.well-known/openid-configuration':
      return send(response, misdeeds.discovery, { ...metadata(state.issuer), ...misdeeds.metadata });
    case '/jwks':
      return send(response, misdeeds.jwks, { keys: [state.keys.published] });
    case '/userinfo':
      return typeof misdeeds.userinfo === 'object'
        ? send(response, undefined, misdeeds.userinfo)
        : send(response, misdeeds.userinfo, { sub: 'ada', email: 'ada@example.com', email_verified: true });
    case '/authorize':
      return authorize(state, url.searchParams, response);
    case '/token':
      return token(state, request, response);
    default:
      return send(response, 404, {});
  }
}

function metadata(issuer: string): Claims {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    userinfo_endpoint: `${issuer}/userinfo`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    // Boasts with what nobody may believe.
    id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
    authorization_response_iss_parameter_supported: true,
  };
}

function authorize(state: State, asked: URLSearchParams, response: ServerResponse): void {
  const code = randomBytes(24).toString('base64url');
  state.nonces.set(code, asked.get('nonce') ?? '');
  state.secrets.push(code, asked.get('state') ?? '', asked.get('nonce') ?? '');
  const { iss = state.issuer, error } = state.misdeeds;
  const location = new URL(asked.get('redirect_uri') ?? '');
  location.searchParams.set('state', asked.get('state') ?? '');
  if (iss !== null) location.searchParams.set('iss', iss);
  if (error === undefined) location.searchParams.set('code', code);
  else location.searchParams.set('error', error);
  response.writeHead(302, { location: location.href }).end();
}

async function token(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = new URLSearchParams(await text(request));
  state.tokenRequests.push({ body, authorization: request.headers.authorization });
  const { misdeeds } = state;
  if (misdeeds.tokenError) {
    const { status, headers, body: error } = misdeeds.tokenError;
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(error));
    return;
  }
  const accessToken = randomBytes(24).toString('base64url');
  const idToken =
    misdeeds.idToken === undefined
      ? await makeIdToken(state, state.nonces.get(body.get('code') ?? '') ?? '')
      : misdeeds.idToken;
  state.secrets.push(accessToken, ...(idToken ? [idToken, ...idToken.split('.').slice(1)] : []));
  const tokens = { access_token: accessToken, token_type: 'Bearer', expires_in: 60 };
  send(response, misdeeds.token, idToken === null ? tokens : { ...tokens, id_token: idToken });
}

async function makeIdToken(state: State, nonce: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const claims: Claims = {
    iss: state.issuer,
    sub: 'ada',
    aud: CLIENT_ID,
    iat: now,
    exp: now + 300,
    nonce,
    email: 'ada@example.com',
    email_verified: true,
    ...state.misdeeds.claims,
  };
  for (const [name, value] of Object.entries(claims)) if (value === undefined) delete claims[name];
  const { right, other, pem } = state.keys;
  const { signature } = state.misdeeds;
  switch (signature) {
    case 'none':
      return `${encode({ alg: 'none' })}.${encode(claims)}.`;
    case 'hs256-secret':
      return hmacSigned(claims, 'a-secret-that-only-tests-know');
    case 'hs256-public-key':
      return hmacSigned(claims, pem);
    default: {
      const kid = signature === 'unknown-kid' ? 'two' : 'one';
      const jwt = new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid });
      const signed = await jwt.sign(signature === 'other-key' ? other : right);
      if (signature === 'broken') return `${signed.slice(0, -8)}AAAAAAAA`;
      return signature === 'not-base64' ? `${signed.slice(0, -8)}!!!!!!!!` : signed;
    }
  }
}

function hmacSigned(claims: Claims, secret: string): string {
  const signed = `${encode({ alg: 'HS256', kid: 'one' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

function encode(json: Claims): string {
  return Buffer.from(JSON.stringify(json)).toString('base64url');
}

function send(response: ServerResponse, breakage: Breakage | undefined, body: Claims): void {
  switch (breakage) {
    case undefined:
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      return;
    case 'hang':
      return;
    case 'hang-up':
      response.destroy();
      return;
    case 'garbage':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>');
      return;
    case 'huge':
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ ...body, filling: 'x'.repeat(HUGE_BYTES) }));
      return;
    case 'redirect':
      response.writeHead(307, { location: '/elsewhere' }).end();
      return;
    default:
      response.writeHead(breakage, { 'content-type': 'application/json' }).end('{}');
  }
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
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
