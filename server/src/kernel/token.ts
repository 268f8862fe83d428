import { hash, randomBytes, randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;

/** Text of `length` characters, each drawn evenly from `alphabet`. */
export function randomText(length: number, alphabet: string = ALPHABET): string {
  let text = '';
  for (let i = 0; i < length; i++) text += alphabet[randomInt(alphabet.length)];
  return text;
}

function base62(value: bigint, length: number): string {
  let rest = value;
  let text = '';
  for (let i = 0; i < length; i++) {
    text = ALPHABET[Number(rest % 62n)] + text;
    rest /= 62n;
  }
  return text;
}

function checksum(text: string): string {
  return base62(BigInt(crc32(text)), CHECKSUM_LENGTH);
}

/** A new API credential: prefix, 256 random bits in base62, checksum. Secret scanners can verify the last part. */
export function newApiToken(prefix: string): string {
  const body = prefix + base62(BigInt(`0x${randomBytes(32).toString('hex')}`), SECRET_LENGTH);
  return body + checksum(body);
}

/** True when the text has the form of a credential of ours; says nothing about whether it exists. */
export function isWellFormedApiToken(text: string): boolean {
  if (!/^(sk_live_|ora_)[0-9A-Za-z]{49}$/.test(text)) return false;
  return checksum(text.slice(0, -CHECKSUM_LENGTH)) === text.slice(-CHECKSUM_LENGTH);
}

/** What is stored of a credential. Plain SHA-256 is enough for 256 random bits. */
export function tokenDigest(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
