import { claimsFault } from './auth-faults.ts';

/** The claims that decide when a token holds; seconds since 1970. */
export interface TokenTimes {
  readonly exp: number | null;
  readonly nbf: number | null;
  readonly iat: number | null;
}

/** Clocks may differ by this much. Rule: PostgREST, "Time-Based claims validation". */
const skewSeconds = 30;

/** Faults PGRST303 when a time is no number. */
export function parseTimes(claims: Readonly<Record<string, unknown>>): TokenTimes {
  return {
    exp: parseTime(claims.exp, 'exp'),
    nbf: parseTime(claims.nbf, 'nbf'),
    iat: parseTime(claims.iat, 'iat'),
  };
}

function parseTime(value: unknown, name: string): number | null {
  if (value === undefined || value === null) {
    return null;
  }
  if (typeof value !== 'number') {
    throw claimsFault(`The JWT '${name}' claim must be a number`);
  }
  return value;
}

/** Faults PGRST303 when the token is over, or not yet. */
export function checkTimes({ exp, nbf, iat }: TokenTimes, nowMs: number): void {
  const now = Math.floor(nowMs / 1000);
  if (exp !== null && now - skewSeconds > exp) {
    throw claimsFault('JWT expired');
  }
  if (nbf !== null && now + skewSeconds < nbf) {
    throw claimsFault('JWT not yet valid');
  }
  if (iat !== null && now + skewSeconds < iat) {
    throw claimsFault('JWT issued at future');
  }
}

/**
 * A token that names no audience is for everyone; one that names some must name ours, if we have one.
 * Faults PGRST303. Rule: PostgREST, "aud validation".
 */
export function checkAudience(aud: unknown, expected: string | null): void {
  if (aud === undefined || aud === null) {
    return;
  }
  const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
  if (audiences.some((audience) => typeof audience !== 'string')) {
    throw claimsFault("The JWT 'aud' claim must be a string or an array of strings");
  }
  if (expected !== null && audiences.length > 0 && !audiences.includes(expected)) {
    throw claimsFault('JWT not in audience');
  }
}
