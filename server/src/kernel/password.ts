import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import pLimit from 'p-limit';
import { Fault } from './fault.ts';

/** OWASP's second recommendation for Argon2id: 19 MiB, two passes, one lane. The pool's threads do the work. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** One core stays free: a flood of passwords must not slow down whoever is signed in. */
const AT_ONCE = Math.max(1, availableParallelism() - 1);
/** A few seconds of work; who comes later would wait in vain. */
const MOST_WAITING = 200;

const turns = pLimit(AT_ONCE);
let dummy: Promise<string> | undefined;

/** Runs one piece of hashing when it is its turn. Fault: `password.busy` when too many wait already. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (turns.pendingCount >= MOST_WAITING) {
    throw new Fault('password.busy', 'too many passwords are being checked');
  }
  return turns(work);
}

/** Hashes a password of a person with Argon2id. Fault: `password.busy`. */
export async function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(password, PARAMETERS));
}

/**
 * Compares a password with its hash. Without a hash (unknown user) the same work is done against a hash that
 * nothing matches, so that time does not tell names apart. Fault: `password.busy`.
 */
export async function verifyPassword(stored: string | null, password: string): Promise<boolean> {
  dummy ??= hash('no password has this hash', PARAMETERS);
  const compared = stored ?? (await dummy);
  const matches = await inTurn(() => verify(compared, password));
  return stored !== null && matches;
}
