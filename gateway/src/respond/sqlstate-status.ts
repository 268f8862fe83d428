/** Prefixes of SQLSTATEs, the longer before the shorter. Source: PostgREST, "Errors", "HTTP Status Codes". */
const statuses: readonly (readonly [prefix: string, status: number])[] = [
  ['08', 503],
  ['09', 500],
  ['0L', 403],
  ['0P', 403],
  ['23503', 409],
  ['23505', 409],
  ['25006', 405],
  ['25', 500],
  ['28', 403],
  ['2D', 500],
  ['38', 500],
  ['39', 500],
  ['3B', 500],
  ['40', 500],
  ['42883', 404],
  ['42P01', 404],
  ['42P17', 500],
  ['53400', 500],
  ['53', 503],
  ['54', 500],
  ['55', 500],
  ['57P01', 503],
  ['57', 500],
  ['58', 500],
  ['F0', 500],
  ['HV', 500],
  ['P0001', 400],
  ['P0', 500],
  ['XX', 500],
];

/** The HTTP status of an error of Postgres. */
export function statusOfSqlState(
  code: string,
  message: string,
  { isAnonymous }: { readonly isAnonymous: boolean },
): number {
  switch (code) {
    case '21000':
      // pg-safeupdate refuses a change without filters: the client's fault. All else is the function's or the view's.
      return message.endsWith('requires a WHERE clause') ? 400 : 500;
    case '22023':
      // The role of a genuine token that this database does not know.
      return /^role .* does not exist$/s.test(message) ? 401 : 400;
    case '42501':
      return isAnonymous ? 401 : 403;
    case '42883':
      // The function that would make XML is missing where Postgres was built without it.
      return message.startsWith('function xmlagg(') ? 406 : 404;
    default:
      return statuses.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 400;
  }
}
