/** node:http in front of a gateway: for the program, and for programs that mount the gateway themselves. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RestRequest, RestResponse } from '../tenants/exchange.ts';

/** Whose request it is, and the path and query below the tenant's own root. */
export interface Route {
  readonly tenantId: string;
  readonly url: string;
}

export interface RequestAnswerer {
  handle(tenantId: string, request: RestRequest): Promise<RestResponse>;
}

export interface ListenerOptions {
  /** Larger bodies are 413. Default 32 MiB. */
  readonly bodyLimitBytes?: number;
  /** After the answer is written; `url` as the client sent it. */
  readonly onAnswered?: (request: IncomingMessage, response: ServerResponse, durationMs: number) => void;
}

const BODY_LIMIT_BYTES = 32 * 1024 * 1024;

/**
 * A listener for `http.createServer`. `route` says whose a request is; `null` is 404. Neither the gateway nor `route`
 * may reject; what they throw ends the request with 500.
 */
export function requestListener(
  gateway: RequestAnswerer,
  route: (request: IncomingMessage) => Route | null,
  options: ListenerOptions = {},
): (request: IncomingMessage, response: ServerResponse) => void {
  const limit = options.bodyLimitBytes ?? BODY_LIMIT_BYTES;
  return (request, response) => {
    const startedAt = performance.now();
    const { onAnswered } = options;
    if (onAnswered !== undefined) {
      response.once('close', () => onAnswered(request, response, performance.now() - startedAt));
    }
    answer(gateway, route, limit, request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else write(request, response, envelope(500, 'PGRSTX00', 'Something went wrong inside the server'));
    });
  };
}

async function answer(
  gateway: RequestAnswerer,
  route: (request: IncomingMessage) => Route | null,
  limit: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const found = route(request);
  if (found === null) {
    write(request, response, envelope(404, 'PGRST125', 'Invalid path specified in request URL'));
    return;
  }
  const body = await readBody(request, limit);
  if (body === 'gone') return;
  if (body === 'too-large') {
    // What still comes of the body is not wanted.
    response.setHeader('connection', 'close');
    write(request, response, envelope(413, 'PGRST102', `The body is larger than ${limit} bytes`));
    return;
  }
  const answered = await gateway.handle(found.tenantId, {
    method: request.method ?? 'GET',
    url: found.url,
    headers: textHeaders(request),
    body,
    remoteAddress: request.socket.remoteAddress ?? null,
  });
  write(request, response, answered);
}

const NOTHING = Buffer.alloc(0);

function readBody(request: IncomingMessage, limit: number): Promise<Buffer | 'gone' | 'too-large'> {
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limit) return Promise.resolve('too-large');
  if (announced === 0 && request.headers['transfer-encoding'] === undefined) return Promise.resolve(NOTHING);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.removeAllListeners('data');
        request.resume();
        resolve('too-large');
      } else chunks.push(chunk);
    });
    request.once('end', () => resolve(chunks.length === 1 ? (chunks[0] ?? NOTHING) : Buffer.concat(chunks)));
    request.once('error', () => resolve('gone'));
    request.once('close', () => resolve('gone'));
  });
}

/** Node reads header bytes as Latin-1; clients send UTF-8. */
function textHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value === undefined) continue;
    const text = Array.isArray(value) ? value.join(', ') : value;
    headers[name] = /[\x80-\xff]/.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text;
  }
  return headers;
}

function write(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: RestResponse,
): void {
  if (response.destroyed) return;
  const sent: Record<string, number | string | string[]> = {};
  for (const [name, value] of Object.entries(headers))
    sent[name] = typeof value === 'string' ? value : [...value];
  if (request.method === 'HEAD' || status === 204 || status === 304) {
    response.writeHead(status, sent).end();
    return;
  }
  const bytes = body ?? '';
  sent['content-length'] = Buffer.byteLength(bytes);
  response.writeHead(status, sent).end(bytes);
}

function envelope(status: number, code: string, message: string): RestResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ code, details: null, hint: null, message }),
  };
}
