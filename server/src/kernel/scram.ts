/**
 * SCRAM-SHA-256 verifiers as Postgres keeps them (RFC 5802, RFC 7677), made on our side, so that the
 * server never sees a password.
 */
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const pbkdf2Async = promisify(pbkdf2);
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const PRINTABLE_ASCII = /^[\x20-\x7e]+$/;
const VERIFIER = /^SCRAM-SHA-256\$(\d+):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/;

export interface ScramOptions {
  readonly salt?: Buffer;
  /** 4096 unless told, as Postgres itself takes. */
  readonly iterations?: number;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/**
 * The verifier to hand to Postgres as `PASSWORD`: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`.
 * Throws a RangeError unless the password is printable ASCII: for other text SASLprep would decide.
 */
export async function scramVerifier(password: string, options: ScramOptions = {}): Promise<string> {
  if (!PRINTABLE_ASCII.test(password)) throw new RangeError('A password must be printable ASCII.');
  const salt = options.salt ?? randomBytes(SALT_BYTES);
  const iterations = options.iterations ?? 4096;
  const salted = await pbkdf2Async(password, salt, iterations, KEY_BYTES, 'sha256');
  const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest();
  const serverKey = hmac(salted, 'Server Key');
  const keys = `${storedKey.toString('base64')}:${serverKey.toString('base64')}`;
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${keys}`;
}

/** True when `verifier` was made from `password`; false too when it is no verifier at all. */
export async function matchesScramVerifier(password: string, verifier: string): Promise<boolean> {
  const parts = VERIFIER.exec(verifier);
  if (parts === null || !PRINTABLE_ASCII.test(password)) return false;
  const [, iterations = '', salt = ''] = parts;
  const again = await scramVerifier(password, {
    salt: Buffer.from(salt, 'base64'),
    iterations: Number(iterations),
  });
  const [left, right] = [Buffer.from(again), Buffer.from(verifier)];
  return left.length === right.length && timingSafeEqual(left, right);
}
