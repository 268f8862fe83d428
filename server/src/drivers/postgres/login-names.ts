/** Which names the login of a user may have in the cluster: pgweb contract 4.1. */
import { createHash } from 'node:crypto';
import { GROUP_ROLE_PATTERN } from './managed-names.ts';

const SUFFIXES = 5;
const SUFFIX_LENGTH = 5;
const STEM_LENGTH = 57;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

const RESERVED = new Set([
  'postgres',
  'public',
  'none',
  'user',
  'current_user',
  'current_role',
  'session_user',
  'all',
  'replication',
  'sameuser',
  'samerole',
  'pgbouncer',
  'anon',
  'authenticated',
  'authenticator',
  'service_role',
]);

/** True for names that mean something else to Postgres, its tools or its neighbours. */
export function isReservedLogin(name: string, adminRole: string): boolean {
  return (
    RESERVED.has(name) ||
    name === adminRole ||
    name.endsWith('_authenticator') ||
    new RegExp(GROUP_ROLE_PATTERN).test(name)
  );
}

/**
 * Names to try, best first: the one that people use already, the one asked for, then that one with five
 * suffixes which follow from the user's id, so that a repeated try meets its own earlier role.
 */
export function loginCandidates(user: {
  readonly id: string;
  readonly username: string;
  readonly login: string | null;
}): readonly string[] {
  const suffixed = Array.from(
    { length: SUFFIXES },
    (_, attempt) => `${user.username.slice(0, STEM_LENGTH)}_${suffix(user.id, attempt)}`,
  );
  return [...new Set([...(user.login === null ? [] : [user.login]), user.username, ...suffixed])];
}

function suffix(id: string, attempt: number): string {
  const digest = createHash('sha256').update(`${id}${attempt}`).digest();
  return [...digest.subarray(0, SUFFIX_LENGTH)].map((byte) => LETTERS[byte % LETTERS.length]).join('');
}
