import type { StoredLogin } from './credentials.ts';
import { usageFailure } from './failure.ts';

export const defaultUrl = 'http://127.0.0.1:8080';

export interface Target {
  readonly baseUrl: string;
  readonly token: string | undefined;
}

/**
 * Which server, and with which credential: an option goes before the environment, that before the stored
 * sign-in. A stored token goes only to the server that gave it.
 */
export function chooseTarget(
  urlOption: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  stored: StoredLogin | undefined,
): Target {
  const { BACKYARD_URL: url = '', BACKYARD_TOKEN: token = '' } = environment;
  const baseUrl = parseBaseUrl(urlOption ?? (url === '' ? (stored?.url ?? defaultUrl) : url));
  if (token !== '') return { baseUrl, token: parseToken(token) };
  return { baseUrl, token: stored?.url === baseUrl ? stored.token : undefined };
}

/** Refused here because the HTTP client would quote a broken one, a secret, in its error. */
function parseToken(text: string): string {
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw usageFailure('BACKYARD_TOKEN is not a token: it holds blanks or characters that no token has.');
}

/** An http(s) address without credentials, query and trailing slashes; faults with exit code 2 otherwise. */
export function parseBaseUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw usageFailure(`'${text}' is not an http(s) address. Example: ${defaultUrl}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw usageFailure('the address must not hold a user name or password. Sign in with `backyard login`.');
  }
  if (url.search !== '' || url.hash !== '') {
    throw usageFailure(`'${text}' must not have a query or fragment.`);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** True when what is sent there can be read on the way. */
export function isExposed(baseUrl: string): boolean {
  const { protocol, hostname } = new URL(baseUrl);
  const isLocal = hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
  return protocol === 'http:' && !isLocal;
}
