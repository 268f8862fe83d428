import { hash, verify } from '@node-rs/argon2';

/** OWASP's second recommendation for Argon2id: 19 MiB, two passes, one lane. The pool's threads do the work. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

let dummy: Promise<string> | undefined;

/** Hashes a password of a person with Argon2id. */
export function hashPassword(password: string): Promise<string> {
  return hash(password, PARAMETERS);
}

/**
 * Compares a password with its hash. Without a hash (unknown user) the same work is done against a hash that
 * nothing matches, so that time does not tell names apart.
 */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  dummy ??= hashPassword('no password has this hash');
  const matches = await verify(stored ?? (await dummy), password);
  return stored !== null && matches;
}
