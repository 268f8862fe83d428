/** SQL with its parameters. Texts of a request are only ever in `values`. */
export type SqlValue = Buffer | boolean | number | string | null;

export interface Statement {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/** The one row that the main statement of a request returns. */
export interface ResultRow {
  /** All rows that match, for an exact count. */
  readonly total: number | null;
  /** Rows in the body. */
  readonly rows: number;
  readonly body: Buffer | string | null;
  /** `pk=eq.value&…` of a single inserted row. */
  readonly location: string | null;
  /** Rows that an upsert really inserted; `null` elsewhere. */
  readonly inserted: number | null;
  /** What the functions of the database set: `response.headers`, `response.status`. */
  readonly responseHeaders: string | null;
  readonly responseStatus: string | null;
}

/** Everything that one request sends, in order, in one transaction. */
export interface Script {
  /** `BEGIN` with access and isolation. */
  readonly begin: string;
  /** One statement that sets role, search path and all request settings for the transaction. */
  readonly settings: Statement;
  readonly preRequest: Statement | null;
  /** Returns a `ResultRow`, or the lines of an `EXPLAIN`. */
  readonly main: Statement;
  /** `EXPLAIN (FORMAT JSON)` of the rows, for planned and estimated counts. */
  readonly countPlan: Statement | null;
}
