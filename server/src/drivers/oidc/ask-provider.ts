import type { CustomFetch, CustomFetchOptions } from 'openid-client';
import { Fault } from '../../kernel/fault.ts';
import { harmlessCode } from './harmless-code.ts';

const MAX_BODY_BYTES = 1024 * 1024;

interface Received {
  readonly response: Response;
  readonly body: Uint8Array<ArrayBuffer>;
}

/**
 * The one way to the provider. It judges an answer before the library reads it, because the library's errors do
 * not tell a broken provider from a broken token. Redirects are not followed (the library asks for that), bodies
 * are bounded, the deadline is the library's signal and covers the body too. Faults: `oidc.unavailable`; for the
 * token endpoint also `oidc.exchange` and `oidc.id-token-missing`. None carries anything of what was sent or
 * received but status, error code and network error code.
 */
export function askProvider(title: string): CustomFetch {
  return async (url, options) => {
    const received = await receive(title, url, options);
    // Of all that we ask, only the token endpoint is asked by POST.
    if (options.method === 'POST') judgeTokenAnswer(title, received);
    else judgeDocument(title, received);
    const { status, headers } = received.response;
    return new Response(received.body, { status, headers: bodyless(headers) });
  };
}

async function receive(title: string, url: string, options: CustomFetchOptions): Promise<Received> {
  try {
    const { method, headers, redirect, signal } = options;
    const body = options.body instanceof URLSearchParams ? options.body : null;
    const response = await fetch(url, { method, headers, body, redirect, signal: signal ?? null });
    return { response, body: await readBounded(response) };
  } catch (error) {
    if (error instanceof RangeError) throw unavailable(title, 'answers with more than we read');
    throw unavailable(title, `cannot be reached (${networkReason(error)})`);
  }
}

async function readBounded(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.byteLength;
    // Leaving the loop cancels the body.
    if (sizeBytes > MAX_BODY_BYTES) throw new RangeError('too large');
    chunks.push(chunk);
  }
  const body = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return body;
}

function judgeDocument(title: string, { response, body }: Received): void {
  if (response.status !== 200) throw unavailable(title, `answers ${response.status}`);
  const isSignedUserInfo = response.headers.get('content-type')?.startsWith('application/jwt') ?? false;
  if (!isSignedUserInfo && !jsonObject(body))
    throw unavailable(title, 'answers with something other than JSON');
}

/** RFC 6749 §5.1 and §5.2, OpenID Connect Core §3.1.3.3. */
function judgeTokenAnswer(title: string, { response, body }: Received): void {
  const { status } = response;
  const json = jsonObject(body);
  if (status >= 400 && status < 500 && typeof json?.error === 'string') {
    const code = harmlessCode(json.error);
    throw new Fault('oidc.exchange', `The sign-in provider "${title}" refused the code: ${code}.`, { code });
  }
  if (status !== 200) throw unavailable(title, `answers ${status} at its token endpoint`);
  const isToken = typeof json?.access_token === 'string' && /^bearer$/i.test(String(json.token_type));
  if (!json || !isToken) throw unavailable(title, 'answers without a token at its token endpoint');
  if (typeof json.id_token !== 'string' || json.id_token === '') {
    throw new Fault('oidc.id-token-missing', `The sign-in provider "${title}" sent no ID token.`);
  }
}

function jsonObject(body: Uint8Array): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof json === 'object' && json !== null && !Array.isArray(json)
      ? (json as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The body is unpacked already. */
function bodyless(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) kept.delete(name);
  return kept;
}

/** A code such as `ECONNREFUSED`: texts of network errors may repeat what was sent. */
function networkReason(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return 'no answer in time';
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return /^[A-Z0-9_]{1,64}$/.test(code) ? code : 'the connection broke';
}

/** `what` completes the sentence "The sign-in provider …". */
export function unavailable(title: string, what: string): Fault {
  return new Fault('oidc.unavailable', `The sign-in provider "${title}" ${what}.`);
}
