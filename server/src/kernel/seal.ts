/**
 * Secrets at rest: AES-256-GCM with a fresh data key for each secret, which is wrapped by a master key. Both
 * layers are bound to the place of the secret, so that a sealed value copied to another row does not open.
 * Layout: version, key id (4 bytes), wrapped data key (12 + 32 + 16), nonce (12), ciphertext, tag (16).
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { Fault } from './fault.ts';

const VERSION = 1;
const NONCE = 12;
const TAG = 16;
const KEY = 32;
const WRAPPED = NONCE + KEY + TAG;
const HEADER = 1 + 4;

export interface MasterKey {
  readonly id: Buffer;
  readonly key: Buffer;
}

export interface KeyRing {
  readonly current: MasterKey;
  readonly all: readonly MasterKey[];
}

/** Derives a key for one purpose from a configured secret. */
export function deriveKey(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'backyard', purpose, KEY));
}

function masterKey(secret: string): MasterKey {
  const key = deriveKey(secret, 'seal');
  return { id: createHash('sha256').update(key).digest().subarray(0, 4), key };
}

/** The ring seals with the current secret and opens what any of the earlier ones sealed. */
export function keyRing(current: string, earlier: readonly string[] = []): KeyRing {
  const first = masterKey(current);
  return { current: first, all: [first, ...earlier.map(masterKey)] };
}

function encrypt(key: Buffer, plain: Buffer, place: string): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, sealed: Buffer, place: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE), { authTagLength: TAG })
    .setAAD(Buffer.from(place))
    .setAuthTag(sealed.subarray(-TAG));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE, -TAG)), decipher.final()]);
}

/** Seals a text for one place, for example `<resource id>/verifier`. */
export function seal(ring: KeyRing, place: string, plain: string): Buffer {
  const dataKey = randomBytes(KEY);
  return Buffer.concat([
    Buffer.from([VERSION]),
    ring.current.id,
    encrypt(ring.current.key, dataKey, place),
    encrypt(dataKey, Buffer.from(plain), place),
  ]);
}

/** Opens what was sealed for the same place. Faults with `seal.unknown-key` when no key of the ring made it. */
export function unseal(ring: KeyRing, place: string, sealed: Buffer): string {
  const id = sealed.subarray(1, HEADER);
  const master = ring.all.find((candidate) => candidate.id.equals(id));
  if (sealed[0] !== VERSION || !master) {
    throw new Fault(
      'seal.unknown-key',
      'a stored secret was sealed with a SECRET_KEY that is not configured',
    );
  }
  const dataKey = decrypt(master.key, sealed.subarray(HEADER, HEADER + WRAPPED), place);
  return decrypt(dataKey, sealed.subarray(HEADER + WRAPPED), place).toString();
}
