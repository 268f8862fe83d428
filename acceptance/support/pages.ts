/** Pages and their forms, and the sign-in of programs that they approve. */
import type { OutgoingHttpHeaders } from 'node:http';
import { expect } from 'vitest';
import { type Answer, api, exchange } from './api.ts';
import { cookiesOf } from './browser.ts';
import type { Person } from './people.ts';
import type { SignedIn } from './wire.ts';

export interface StartedDevice {
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete: string;
  readonly expires_in: number;
  readonly interval: number;
}

/** One of the two. */
export type Polled = SignedIn & { readonly error: string };

/** The pages of a product. Its errors are pages too, so they are asked without the promises of the API. */
export class Pages {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  get(path: string, headers: OutgoingHttpHeaders = {}): Promise<Answer<string>> {
    return exchange(this.#url, { method: 'GET', path, headers }) as Promise<Answer<string>>;
  }

  /** As a browser sends a form of our own pages; `headers` go last. */
  send(
    path: string,
    fields: Readonly<Record<string, string>>,
    headers: OutgoingHttpHeaders = {},
  ): Promise<Answer<string>> {
    const form = { 'content-type': 'application/x-www-form-urlencoded', origin: this.#url };
    const raw = new URLSearchParams(fields).toString();
    const sent = { method: 'POST', path, headers: { ...form, ...headers }, raw };
    return exchange(this.#url, sent) as Promise<Answer<string>>;
  }

  /** The `Cookie` header of somebody who signed in on the page. */
  async cookieOf({ username, password }: Person): Promise<string> {
    const answer = await this.send('/sign-in', { username, password });
    expect(answer.status, answer.text).toBe(303);
    return cookiesOf(answer)
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  decide(code: string, headers: OutgoingHttpHeaders, decision = 'approve'): Promise<Answer<string>> {
    return this.send('/device', { code, decision }, headers);
  }

  async startDevice(client = 'backyard on a test machine'): Promise<StartedDevice> {
    const answer = await api(this.#url).post<StartedDevice>('/api/v1/auth/device', { client });
    expect(answer.status, answer.text).toBe(200);
    return answer.body;
  }

  poll({ device_code }: StartedDevice): Promise<Answer<Polled>> {
    return api(this.#url).post('/api/v1/auth/device/token', { device_code });
  }

  /** What a poll that brings no session says. */
  async pollError(started: StartedDevice): Promise<string> {
    const { status, body } = await this.poll(started);
    expect(status).toBe(400);
    return body.error;
  }
}
