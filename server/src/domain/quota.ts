import { Fault } from '../kernel/fault.ts';
import type { Caller } from './caller.ts';

/**
 * Faults with `quota.reached` when one more would be too many. 0 means no limit; administrators have none.
 * Source: pgweb contract, 4.7.
 */
export function assertQuota(what: string, caller: Caller, used: number, limit: number): void {
  if (limit === 0 || caller.isAdmin || used < limit) return;
  throw new Fault('quota.reached', `${what} quota reached (${used} of ${limit})`, { what, used, limit });
}
