const FIRST_MS = 1_000;
const CAP_MS = 60_000;

/**
 * How long to wait after the n-th failure in a row (n from 0): 1 s doubling up to a minute, spread by up to a
 * fifth so that what failed together does not come back together. `random` is from [0, 1).
 */
export function backoffMs(attempts: number, random: number): number {
  const base = Math.min(CAP_MS, FIRST_MS * 2 ** Math.min(attempts, 16));
  return Math.round(base * (0.8 + 0.4 * random));
}
