import { exitCodes } from './exit-codes.ts';
import { Failure } from './failure.ts';

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly deadlineMs: number;
  /** Gives up before the deadline. */
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Sends one request and reads the whole answer; faults with exit code 7 when none came in time. */
export async function send(request: HttpRequest): Promise<HttpAnswer> {
  const deadline = AbortSignal.timeout(request.deadlineMs);
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      // A redirect could lead the credential to another host, so it is reported and never followed.
      redirect: 'manual',
      signal: request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]),
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (error) {
    throw unreachable(request, error);
  }
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was cut',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name cannot be looked up now',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  UND_ERR_SOCKET: 'the connection was cut',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is self-signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate cannot be verified',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
};

function unreachable(request: HttpRequest, error: unknown): Failure {
  const { origin } = request.url;
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    const seconds = request.deadlineMs / 1000;
    const advice = request.method === 'GET' ? '' : ' The change may still happen: look before you repeat it.';
    return new Failure(exitCodes.unreachable, `${origin} did not answer within ${seconds} s.${advice}`);
  }
  return new Failure(
    exitCodes.unreachable,
    `cannot reach ${origin}: ${reasonOf(error)}. Is Backyard running? ` +
      'Start it, or name another address with --url or BACKYARD_URL.',
  );
}

/** The first system error code in the chain of causes, in words. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code === 'string') return reasons[code] ?? code;
  if (error.cause !== undefined) return reasonOf(error.cause);
  return error.message;
}
