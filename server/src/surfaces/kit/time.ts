const RFC3339 = /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[+-]\d{2}:?\d{2})?)?$/;
const BLANK_OFFSET = /^(.{10}[Tt ].{5,}) (\d{2}:\d{2})$/;
const HAS_ZONE = /(?:[Zz]|[+-]\d{2}:?\d{2})$/;

/**
 * A time from a request: RFC 3339; without an offset it is UTC, a bare date is midnight UTC. `undefined`
 * when it is none. A blank before the offset is a `+` that a query string has lost.
 */
export function parseTime(text: string): Date | undefined {
  return parseExact(text.replace(BLANK_OFFSET, '$1+$2'));
}

function parseExact(text: string): Date | undefined {
  if (!RFC3339.test(text)) return undefined;
  const isDate = text.length === 10;
  const withZone = isDate || HAS_ZONE.test(text.slice(10)) ? text : `${text}Z`;
  const time = new Date(withZone.replace(' ', 'T'));
  return Number.isNaN(time.getTime()) || !isCalendarDay(text.slice(0, 10)) ? undefined : time;
}

/** `Date` reads February 30th as March 2nd. */
function isCalendarDay(day: string): boolean {
  return new Date(day).toISOString().startsWith(day);
}
