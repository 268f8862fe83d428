import { claimsFault, tokenFault } from './auth-faults.ts';

/** A token in its parts; nothing of it has been verified. */
export interface ReadToken {
  readonly algorithm: string;
  readonly keyId: string | null;
  /** The claims as their issuer wrote them, so that no large number is rounded on its way to SQL. */
  readonly payload: Buffer;
}

const base64url = /^[A-Za-z0-9_-]*$/;

/** The compact form of RFC 7515; faults PGRST301 as PostgREST does. */
export function readToken(token: string): ReadToken {
  if (token === '') {
    throw tokenFault('Empty JWT is sent in Authorization header');
  }
  const parts = token.split('.');
  const [header, payload, signature] = parts;
  if (parts.length !== 3 || header === undefined || payload === undefined || signature === undefined) {
    throw tokenFault(`Expected 3 parts in JWT; got ${parts.length}`);
  }
  const fields = parts.every((part) => base64url.test(part)) ? parseHeader(header) : undefined;
  const { alg, kid } = fields ?? {};
  if (typeof alg !== 'string') {
    throw tokenFault('JWT cryptographic operation failed');
  }
  if (alg.toLowerCase() === 'none') {
    throw tokenFault(
      'Wrong or unsupported encoding algorithm',
      "JWT is unsecured but expected 'alg' was not 'none'",
    );
  }
  return {
    algorithm: alg,
    keyId: typeof kid === 'string' ? kid : null,
    payload: Buffer.from(payload, 'base64url'),
  };
}

function parseHeader(part: string): Record<string, unknown> | undefined {
  try {
    return parseObject(Buffer.from(part, 'base64url'));
  } catch {
    return undefined;
  }
}

/** Faults PGRST303 when the payload is no JSON object. */
export function parseClaims(payload: Buffer): Record<string, unknown> {
  try {
    return parseObject(payload);
  } catch {
    throw claimsFault('Parsing claims failed');
  }
}

function parseObject(bytes: Buffer): Record<string, unknown> {
  const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError('No JSON object');
  }
  return value as Record<string, unknown>;
}
