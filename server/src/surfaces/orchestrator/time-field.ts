import { parseTime } from '../kit/time.ts';
import type { Field } from './field.ts';

const WHOLE = /^[+-]?\d{1,15}$/;
/** Later years have five digits, which RFC 3339 does not know. */
const LAST_MOMENT_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const FIRST_MOMENT_MS = Date.parse('0001-01-01T00:00:00Z');

/** A moment: RFC 3339, a date, or a whole number of seconds since 1970. */
export const time: Field<Date> = {
  parse: (given) => {
    const moment = momentOf(given);
    if (moment === undefined) return refusedFor('the input is not an RFC 3339 time');
    const ms = moment.getTime();
    if (ms >= FIRST_MOMENT_MS && ms <= LAST_MOMENT_MS) return { value: moment };
    return refusedFor('the time is not within the years 1 to 9999');
  },
};

function refusedFor(error: string) {
  const msg = `Input should be a valid datetime or date, ${error}`;
  return { refusal: { type: 'datetime_from_date_parsing', msg, ctx: { error } } };
}

function momentOf(given: unknown): Date | undefined {
  if (typeof given === 'number' && Number.isInteger(given)) return fromSeconds(given);
  if (typeof given !== 'string') return undefined;
  return WHOLE.test(given) ? fromSeconds(Number(given)) : parseTime(given);
}

/** `Date` has no words for what is too far away; neither end of its range is within ours. */
function fromSeconds(seconds: number): Date {
  return new Date(Math.max(-8.64e15, Math.min(seconds * 1000, 8.64e15)));
}
