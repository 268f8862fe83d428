/** Browsers: a real one, and one without a screen that shows every answer on its way. */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type Answer, api } from './api.ts';

const PROGRAM = '/usr/bin/chromium';

/** False where there is none, said aloud; an error where components are required, as in CI. */
export function hasBrowser(): boolean {
  if (existsSync(PROGRAM)) return true;
  const sentence = 'browser: needs the Debian package chromium (scripts/test-deps installs it)';
  if (process.env.BACKYARD_REQUIRE_COMPONENTS === '1') throw new Error(sentence);
  process.stderr.write(`SKIPPED ${sentence}\n`);
  return false;
}

/** A browser for all tests of a file. Each call gives a person of their own, with cookies of their own. */
export function useBrowser(): () => Promise<BrowserContext> {
  let browser: Browser | undefined;
  const opened: BrowserContext[] = [];
  beforeAll(async () => {
    // Chromium's own sandbox does not work for root, who runs the tests in containers.
    browser = await chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox'] });
  });
  afterEach(async () => {
    for (const context of opened.splice(0)) await context.close();
  });
  afterAll(async () => {
    await browser?.close();
  });
  return async () => {
    if (browser === undefined) throw new Error('the browser is not open');
    const context = await browser.newContext();
    context.setDefaultTimeout(15_000);
    opened.push(context);
    return context;
  };
}

export interface Cookie {
  readonly name: string;
  readonly value: string;
  /** In lower case, sorted: `['httponly', 'path=/', 'samesite=lax']`. */
  readonly attributes: readonly string[];
}

/** What an answer sets. */
export function cookiesOf(answer: Answer): readonly Cookie[] {
  return (answer.headers['set-cookie'] ?? []).map((line) => {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const name = pair.slice(0, at);
    return { name, value: pair.slice(at + 1), attributes: attributes.map((one) => one.toLowerCase()).sort() };
  });
}

/** Keeps cookies as a browser does, and follows nothing unless it is told to. */
export class Visitor {
  readonly cookies = new Map<string, string>();
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.#url = url;
    this.#headers = headers;
  }

  async send<T = unknown>(
    method: string,
    path: string,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const sent = { ...this.#headers, ...headers, ...(cookie === '' ? {} : { cookie }) };
    const answer = await api(this.#url).send<T>({ method, path, headers: sent });
    for (const { name, value, attributes } of cookiesOf(answer)) {
      if (value === '' || attributes.includes('max-age=0')) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  get<T = unknown>(path: string): Promise<Answer<T>> {
    return this.send<T>('GET', path);
  }
}

/** Where an answer leads. */
export function locationOf(answer: Answer): string {
  const { location } = answer.headers;
  if (location === undefined) throw new Error(`no redirect: ${answer.status} ${answer.text}`);
  return location;
}

/** Path and query of an address. */
export function pathOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}
