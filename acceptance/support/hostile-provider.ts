/**
 * An OpenID Connect provider that lies, breaks and stalls as it is told. Where it is told nothing it keeps the
 * rules: a code works once, and only with its PKCE verifier. Its visitor is always signed in.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose';

export type Claims = Record<string, unknown>;

/** Instead of an answer; a number is a status. */
export type Breakage = 'hang' | 'garbage' | 'hang-up' | number;

export interface Misdeeds {
  /** Instead of the right claims; `undefined` leaves one out. */
  readonly claims?: Claims;
  readonly signature?: 'broken' | 'other-key' | 'unknown-kid' | 'none' | 'hs256-secret' | 'hs256-public-key';
  readonly withoutIdToken?: boolean;
  readonly token?: Breakage;
  readonly jwks?: Breakage;
  readonly discovery?: Breakage;
  /** Changes to what discovery says. */
  readonly metadata?: Claims;
  /** `iss` of the authorization response; `null`: none. */
  readonly iss?: string | null;
  /** The authorization response is an error. */
  readonly error?: string;
}

export interface HostileProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Holds from now on. */
  misdeeds: Misdeeds;
  /** Every state, nonce, code, verifier and token that it saw or gave: none may be seen in a log. */
  readonly secrets: string[];
  /** How often its token endpoint was asked. */
  tokenRequests: number;
  stop(): Promise<void>;
}

interface Asked {
  readonly nonce: string;
  readonly challenge: string;
}

interface State extends HostileProvider {
  readonly keys: {
    readonly right: CryptoKey;
    readonly other: CryptoKey;
    readonly published: JWK;
    readonly pem: string;
  };
  readonly codes: Map<string, Asked>;
}

export async function startHostileProvider(port = 0): Promise<HostileProvider> {
  const right = await generateKeyPair('RS256', { extractable: true });
  const other = await generateKeyPair('RS256', { extractable: true });
  const published = { ...(await exportJWK(right.publicKey)), kid: 'one', alg: 'RS256', use: 'sig' };
  const server = createServer();
  const state: State = {
    issuer: await listen(server, port),
    clientId: 'backyard-acceptance',
    clientSecret: randomBytes(24).toString('base64url'),
    misdeeds: {},
    secrets: [],
    tokenRequests: 0,
    keys: {
      right: right.privateKey,
      other: other.privateKey,
      published,
      pem: await exportSPKI(right.publicKey),
    },
    codes: new Map(),
    stop: () => stop(server),
  };
  server.on('request', (request, response) => void answer(state, request, response));
  return state;
}

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { issuer, misdeeds, keys } = state;
  const url = new URL(request.url ?? '/', issuer);
  switch (url.pathname) {
    case '/.well-known/openid-configuration':
      return send(response, misdeeds.discovery, { ...metadata(issuer), ...misdeeds.metadata });
    case '/jwks':
      return send(response, misdeeds.jwks, { keys: [keys.published] });
    case '/authorize':
      return authorize(state, url.searchParams, response);
    case '/token':
      return token(state, new URLSearchParams(await text(request)), response);
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
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    // Boasts with what nobody may believe.
    id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'],
    authorization_response_iss_parameter_supported: true,
  };
}

function authorize(state: State, query: URLSearchParams, response: ServerResponse): void {
  const code = randomBytes(24).toString('base64url');
  const nonce = query.get('nonce') ?? '';
  const itsState = query.get('state') ?? '';
  state.codes.set(code, { nonce, challenge: query.get('code_challenge') ?? '' });
  state.secrets.push(code, nonce, itsState);
  const { iss = state.issuer, error } = state.misdeeds;
  const location = new URL(query.get('redirect_uri') ?? '');
  location.searchParams.set('state', itsState);
  if (iss !== null) location.searchParams.set('iss', iss);
  if (error === undefined) location.searchParams.set('code', code);
  else location.searchParams.set('error', error);
  response.writeHead(302, { location: location.href }).end();
}

async function token(state: State, body: URLSearchParams, response: ServerResponse): Promise<void> {
  state.tokenRequests += 1;
  const code = body.get('code') ?? '';
  const verifier = body.get('code_verifier') ?? '';
  state.secrets.push(verifier);
  const asked = state.codes.get(code);
  state.codes.delete(code);
  if (asked?.challenge !== createHash('sha256').update(verifier).digest('base64url')) {
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: 'invalid_grant', error_description: `no such code: ${code}` }));
    return;
  }
  const accessToken = randomBytes(24).toString('base64url');
  const idToken = await makeIdToken(state, asked.nonce);
  state.secrets.push(accessToken, ...idToken.split('.').slice(1));
  const tokens = { access_token: accessToken, token_type: 'Bearer', expires_in: 60 };
  send(
    response,
    state.misdeeds.token,
    state.misdeeds.withoutIdToken ? tokens : { ...tokens, id_token: idToken },
  );
}

async function makeIdToken(state: State, nonce: string): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const right = { iss: state.issuer, sub: 'mallory', aud: state.clientId, iat: now, exp: now + 300, nonce };
  const claims: Claims = { ...right, ...state.misdeeds.claims };
  for (const [name, value] of Object.entries(claims)) if (value === undefined) delete claims[name];
  const { keys, clientSecret } = state;
  const { signature } = state.misdeeds;
  if (signature === 'none') return `${encode({ alg: 'none' })}.${encode(claims)}.`;
  if (signature === 'hs256-secret') return hmacSigned(claims, clientSecret);
  if (signature === 'hs256-public-key') return hmacSigned(claims, keys.pem);
  const kid = signature === 'unknown-kid' ? 'two' : 'one';
  const jwt = new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid });
  const signed = await jwt.sign(signature === 'other-key' ? keys.other : keys.right);
  return signature === 'broken' ? `${signed.slice(0, -8)}AAAAAAAA` : signed;
}

function hmacSigned(claims: Claims, secret: string): string {
  const signed = `${encode({ alg: 'HS256', kid: 'one' })}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

function encode(json: Claims): string {
  return Buffer.from(JSON.stringify(json)).toString('base64url');
}

function send(response: ServerResponse, breakage: Breakage | undefined, body: Claims): void {
  if (breakage === 'hang') return;
  if (breakage === 'hang-up') {
    response.destroy();
    return;
  }
  if (breakage === 'garbage') {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>');
    return;
  }
  response.writeHead(breakage ?? 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(breakage === undefined ? body : {}));
}

function listen(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(`http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`);
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
