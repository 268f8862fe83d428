/** A small HTTP client. It sends what it is told, byte by byte, and checks what all answers promise. */
import { type OutgoingHttpHeaders, request } from 'node:http';
import type { Answer, Sent } from './exchange.ts';
import { checkPromises } from './promise-check.ts';

export type { Answer, Sent };

export interface Api {
  readonly token: string | undefined;
  send<T = unknown>(sent: Sent): Promise<Answer<T>>;
  get<T = unknown>(path: string): Promise<Answer<T>>;
  /** A JSON body; none at all when `body` is absent. */
  post<T = unknown>(path: string, body?: unknown): Promise<Answer<T>>;
  delete<T = unknown>(path: string): Promise<Answer<T>>;
}

function parse(text: string, type: string | undefined): unknown {
  if (!type?.includes('json')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * One request on a connection of its own. Rejects when the connection breaks before the answer is whole, or
 * after `timeoutMs` (60 s) of silence.
 */
export function exchange(url: string, sent: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const outgoing = request({
      hostname,
      port,
      method: sent.method,
      path: sent.path,
      headers: sent.headers ?? {},
      agent: false,
      timeout: sent.timeoutMs ?? 60_000,
    });
    let answered = false;
    outgoing.once('response', (response) => {
      answered = true;
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('error', reject);
      response.once('end', () => {
        const body = parse(text, response.headers['content-type']);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body, text });
      });
    });
    outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer to ${sent.method} ${sent.path}`)));
    // A server may refuse a body that it has not read to the end: the answer counts, the broken pipe does not.
    outgoing.on('error', (error) => {
      if (!answered) reject(error);
    });
    outgoing.end(sent.raw);
  });
}

/** A client that signs its requests with `token`, if there is one. */
export function api(url: string, token?: string): Api {
  const credential: OutgoingHttpHeaders = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const send = async <T>(sent: Sent): Promise<Answer<T>> => {
    const answer = await exchange(url, { ...sent, headers: { ...credential, ...sent.headers } });
    checkPromises(sent, answer);
    return answer as Answer<T>;
  };
  return {
    token,
    send,
    get: (path) => send({ method: 'GET', path }),
    delete: (path) => send({ method: 'DELETE', path }),
    post: (path, body) =>
      body === undefined
        ? send({ method: 'POST', path })
        : send({
            method: 'POST',
            path,
            raw: JSON.stringify(body),
            headers: { 'content-type': 'application/json' },
          }),
  };
}
