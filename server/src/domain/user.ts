/** Rules about the people who use Backyard. Source: contract orchestrator, sections 3 and 4.1. */
import type { RateLimit } from './rate-limit.ts';

export const USERNAME_LENGTH = { min: 3, max: 50 } as const;
export const PASSWORD_LENGTH = { min: 8, max: 1024 } as const;
export const LONGEST_EMAIL = 255;
export const RATE_RANGE = { min: 1, max: 10_000 } as const;
export const BURST_RANGE = { min: 1, max: 100_000 } as const;

/** An account, as administrators see it. */
export interface User {
  readonly id: number;
  readonly username: string;
  readonly email: string | null;
  readonly isActive: boolean;
  readonly isAdmin: boolean;
  readonly limits: RateLimit;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What a role is allowed unless its user has limits of their own. */
export interface RoleLimits {
  readonly user: RateLimit;
  readonly admin: RateLimit;
}

export function limitsOf(roles: RoleLimits, isAdmin: boolean): RateLimit {
  return isAdmin ? roles.admin : roles.user;
}

/** The limits after a change of role: what equals the old role's default moves to the new one's, the rest stays. */
export function limitsAfterRoleChange(roles: RoleLimits, limits: RateLimit, wasAdmin: boolean): RateLimit {
  const before = limitsOf(roles, wasAdmin);
  const after = limitsOf(roles, !wasAdmin);
  return {
    perSecond: limits.perSecond === before.perSecond ? after.perSecond : limits.perSecond,
    burst: limits.burst === before.burst ? after.burst : limits.burst,
  };
}

const CONTROL = /\p{Cc}/u;

/** Characters count as people see them in a form: one for each code point. */
export function hasLength(text: string, range: { readonly min: number; readonly max: number }): boolean {
  const length = [...text].length;
  return length >= range.min && length <= range.max;
}

export function isUsername(text: string): boolean {
  return hasLength(text, USERNAME_LENGTH) && !CONTROL.test(text);
}

/**
 * A user name made of what a provider says about a person; always a valid one, not always a free one. `wishes`
 * are tried in order.
 */
export function usernameFrom(wishes: readonly (string | null)[]): string {
  for (const wish of wishes) {
    const name = [...(wish ?? '').replaceAll(/\p{Cc}/gu, '').trim()].slice(0, USERNAME_LENGTH.max).join('');
    if (isUsername(name)) return name;
  }
  return 'user';
}

/** The name with an ending that makes it another one. */
export function usernameWithEnding(name: string, ending: string): string {
  return `${[...name].slice(0, USERNAME_LENGTH.max - ending.length - 1).join('')}-${ending}`;
}
