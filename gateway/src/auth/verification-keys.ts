import { createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { compactVerify } from 'jose';
import { tokenFault } from './auth-faults.ts';

/** A key with the only algorithms that it may ever verify. */
interface VerificationKey {
  readonly id: string | null;
  readonly algorithms: readonly string[];
  readonly key: KeyObject;
}

/** Checks a signature against the keys of one tenant; faults PGRST301 when none of them made it. */
export type SignatureCheck = (
  token: string,
  header: { readonly algorithm: string; readonly keyId: string | null },
) => Promise<void>;

const hmac = ['HS256', 'HS384', 'HS512'];
const rsa = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const curves: Readonly<Record<string, readonly string[]>> = {
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
  Ed25519: ['EdDSA', 'Ed25519'],
};

/**
 * The text is a JWK set, one JWK, or else the bytes of an HS256 secret.
 * @throws Error when base64 was promised and none came, or when a key of a set is malformed.
 */
export function createSignatureCheck(secret: {
  readonly text: string;
  readonly isBase64: boolean;
}): SignatureCheck {
  const keys = keysOf(secret.isBase64 ? decodeBase64(secret.text) : Buffer.from(secret.text));
  return async (token, { algorithm, keyId }) => {
    // A key verifies what its own type allows, never what the header asks for: a public key is no HMAC secret.
    const candidates = keys.filter(
      ({ algorithms, id }) => algorithms.includes(algorithm) && (keyId === null || keyId === id),
    );
    if (candidates.length === 0) {
      throw keyFault('No suitable key was found to decode the JWT');
    }
    for (const { key } of candidates) {
      if (await verifies(token, key, algorithm)) {
        return;
      }
    }
    throw keyFault('None of the keys was able to decode the JWT');
  };
}

async function verifies(token: string, key: KeyObject, algorithm: string): Promise<boolean> {
  try {
    await compactVerify(token, key, { algorithms: [algorithm] });
    return true;
  } catch {
    // Whatever is wrong with the signature, this key did not make it.
    return false;
  }
}

function keyFault(details: string) {
  return tokenFault('No suitable key or wrong key type', details);
}

function keysOf(secret: Buffer): readonly VerificationKey[] {
  const json = parseJson(secret.toString());
  if (isRecord(json) && Array.isArray(json.keys)) {
    return json.keys.filter(isRecord).flatMap(keysOfJwk);
  }
  if (isRecord(json) && typeof json.kty === 'string') {
    return keysOfJwk(json);
  }
  if (secret.length === 0) {
    throw new Error('jwt-secret is empty');
  }
  return [{ id: null, algorithms: ['HS256'], key: createSecretKey(secret) }];
}

function keysOfJwk(jwk: Record<string, unknown>): readonly VerificationKey[] {
  const own = jwk.kty === 'oct' ? hmac : jwk.kty === 'RSA' ? rsa : (curves[String(jwk.crv)] ?? []);
  const algorithms = own.filter((algorithm) => jwk.alg === undefined || jwk.alg === algorithm);
  if (jwk.use === 'enc' || algorithms.length === 0) {
    return [];
  }
  const id = typeof jwk.kid === 'string' ? jwk.kid : null;
  return [{ id, algorithms, key: importKey(jwk) }];
}

function importKey(jwk: Record<string, unknown>): KeyObject {
  if (jwk.kty === 'oct') {
    if (typeof jwk.k !== 'string' || jwk.k === '') {
      throw new Error('jwt-secret holds a symmetric key without its "k"');
    }
    return createSecretKey(jwk.k, 'base64url');
  }
  return createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
}

/** Both alphabets, and `.` for padding, as PostgREST takes it. */
function decodeBase64(text: string): Buffer {
  const standard = text.trim().replaceAll('-', '+').replaceAll('_', '/').replaceAll('.', '=');
  if (!/^[A-Za-z0-9+/\s]+={0,2}$/.test(standard)) {
    throw new Error('jwt-secret is not base64, though jwt-secret-is-base64 says so');
  }
  return Buffer.from(standard, 'base64');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
