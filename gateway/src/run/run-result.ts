import type { ResultRow } from '../sql/statement.ts';

/** What one transaction brought back. */
export interface RunResult {
  readonly row: ResultRow;
  /** Rows that the planner of Postgres expects, for planned and estimated counts; `null`: nobody asked. */
  readonly countPlanRows: number | null;
  /** The text of `EXPLAIN`; the row then counts for nothing. */
  readonly explain: string | null;
  /** Milliseconds by the names of `Server-Timing`: `jwt`, `parse`, `plan`, `transaction`, `response`. */
  readonly timings: Readonly<Record<string, number>>;
}
