/** An error that a client is told, in PostgREST's envelope: `{code, message, details, hint}`. */
export class RestFault extends Error {
  readonly status: number;
  /** `PGRST…`, or a SQLSTATE. */
  readonly code: string;
  readonly details: unknown;
  readonly hint: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    more: { details?: unknown; hint?: string | null; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.name = 'RestFault';
    this.status = status;
    this.code = code;
    this.details = more.details ?? null;
    this.hint = more.hint ?? null;
    this.headers = more.headers ?? {};
  }
}
