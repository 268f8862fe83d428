import type { Plan } from '../plan/plan.ts';
import type { RunResult } from '../run/run-result.ts';

/** `0-9/*`, `*` + `/0`: first and last row, and how many there are if somebody counted. */
export function contentRange(first: number, last: number, total: number | null): string {
  const rows = total !== 0 && first <= last ? `${first}-${last}` : '*';
  return `${rows}/${total ?? '*'}`;
}

/** 416 past the end, 206 for a part, 200 for all or when nobody counted. */
export function rangeStatus(first: number, last: number, total: number | null): 200 | 206 | 416 {
  if (total === null) {
    return 200;
  }
  if (first > total) {
    return 416;
  }
  return last - first + 1 < total ? 206 : 200;
}

/**
 * The total that the client asked for, or `null`. An estimate is exact up to `dbMaxRows`, where the main statement
 * stops to count; from there on the greater of what was counted and what the planner of Postgres expects.
 */
export function totalOf(
  plan: Pick<Plan, 'count' | 'kind'>,
  { row, countPlanRows }: Pick<RunResult, 'countPlanRows' | 'row'>,
  maxRows: number | null,
): number | null {
  if (plan.kind === 'call' || plan.count === null || plan.count === 'exact' || countPlanRows === null) {
    return row.total;
  }
  if (plan.count === 'planned') {
    return countPlanRows;
  }
  if (row.total === null) {
    return countPlanRows;
  }
  return maxRows !== null && row.total <= maxRows ? row.total : Math.max(row.total, countPlanRows);
}
