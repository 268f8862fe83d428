/** Cookies, origins and what else only browsers bring along. Source: contract pgweb, section 4.2. */
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyRequest } from 'fastify';
import type { Presented } from '../../operations/identity/authenticate.ts';
import type { SignedIn } from '../../operations/identity/start-session.ts';
import { ProblemError } from './problem.ts';
import type { BrowserSide } from './surface.ts';
import type { WebSettings } from './web-settings.ts';

const SESSION = 'backyard_session';
const LOGIN = 'backyard_login';
const LONGEST_EMAIL = 255;
/** One address and nothing that could end a line or a list. */
const EMAIL = /^[^\s@,;<>"\p{Cc}]+@[^\s@,;<>"\p{Cc}]+$/u;

/** Over TLS the name itself forbids that another host, or plain HTTP, sets the cookie. */
function cookieName(name: string, isSecure: boolean): string {
  return isSecure ? `__Host-${name}` : name;
}

function isSecure(request: FastifyRequest, settings: WebSettings): boolean {
  return request.protocol === 'https' || settings.publicUrl?.protocol === 'https:';
}

/** A name or an address, and perhaps a port: nothing that an address could go on with. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;
/** Where a request names no host that can be: no page is there (RFC 2606). */
const NO_ORIGIN = 'http://host.invalid';

/** As browsers write it, so without the port that goes without saying. */
function ownOrigin(request: FastifyRequest, settings: WebSettings): string {
  if (settings.publicUrl !== null) return settings.publicUrl.origin;
  if (!HOST.test(request.host)) return NO_ORIGIN;
  return URL.parse(`${request.protocol}://${request.host}`)?.origin ?? NO_ORIGIN;
}

/** True when a page of another site may have made the browser send this. */
export function isCrossSite(request: FastifyRequest, settings: WebSettings): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return false;
  if (request.headers['sec-fetch-site'] === 'cross-site') return true;
  const { origin } = request.headers;
  return origin !== undefined && origin !== ownOrigin(request, settings);
}

/** True when a page of our own asks. A browser says so with every upgrade; what is no browser needs no cookie. */
export function hasOwnOrigin(request: FastifyRequest, settings: WebSettings): boolean {
  return request.headers.origin === ownOrigin(request, settings);
}

/** The credentials that a request shows. */
export function presentedBy(request: FastifyRequest, settings: WebSettings): Presented {
  return {
    authorization: request.headers.authorization,
    proxyEmail: proxyEmail(request, settings),
    sessionCookie: cookie(request, settings, SESSION),
  };
}

function proxyEmail(request: FastifyRequest, { trustedHeader, trustedProxies }: WebSettings) {
  if (trustedHeader === null) return undefined;
  const value = request.headers[trustedHeader];
  const peer = request.socket.remoteAddress ?? '';
  if (typeof value !== 'string' || !trustedProxies.includes(peer)) return undefined;
  return value.length <= LONGEST_EMAIL && EMAIL.test(value) ? value.toLowerCase() : undefined;
}

function cookie(request: FastifyRequest, settings: WebSettings, name: string): string | undefined {
  const header = request.headers.cookie;
  if (header === undefined) return undefined;
  const value = parseCookie(header)[cookieName(name, isSecure(request, settings))];
  return value !== undefined && value !== '' && value.length <= 256 ? value : undefined;
}

/** Looks only when asked: most requests are no browser's. */
export class RequestBrowser implements BrowserSide {
  readonly #request: FastifyRequest;
  readonly #settings: WebSettings;

  constructor(request: FastifyRequest, settings: WebSettings) {
    this.#request = request;
    this.#settings = settings;
  }

  get url(): URL {
    const url = new URL(ownOrigin(this.#request, this.#settings));
    // Part by part: a target like `http://other/…`, or `//other/…`, must not change the host.
    const [path = '/', ...query] = this.#request.url.split('?');
    url.pathname = path;
    url.search = query.join('?');
    return url;
  }

  get isSecure(): boolean {
    return isSecure(this.#request, this.#settings);
  }

  /** Another site's page cannot end or use a session. */
  get sessionCookie(): string | undefined {
    if (this.isCrossSite) return undefined;
    return cookie(this.#request, this.#settings, SESSION);
  }

  get loginCookie(): string | undefined {
    return cookie(this.#request, this.#settings, LOGIN);
  }

  get isCrossSite(): boolean {
    return isCrossSite(this.#request, this.#settings);
  }

  assertSameSite(): void {
    if (this.isCrossSite) throw new ProblemError({ kind: 'cross-site' });
  }
}

function setCookie(browser: BrowserSide, name: string, value: string, maxAge: number): string {
  return stringifySetCookie({
    name: cookieName(name, browser.isSecure),
    value,
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    secure: browser.isSecure,
    maxAge,
  });
}

/** `Set-Cookie` values; the session's ends with the session at the latest. */
export function sessionCookie(browser: BrowserSide, session: SignedIn): string {
  return setCookie(browser, SESSION, session.secret, session.expiresInSeconds);
}

export function endedSessionCookie(browser: BrowserSide): string {
  return setCookie(browser, SESSION, '', 0);
}

export function loginCookie(browser: BrowserSide, value: string, maxAgeSeconds: number): string {
  return setCookie(browser, LOGIN, value, maxAgeSeconds);
}

export function endedLoginCookie(browser: BrowserSide): string {
  return setCookie(browser, LOGIN, '', 0);
}
