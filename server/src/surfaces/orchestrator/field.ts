/**
 * How single fields are read: as Pydantic reads them in its lax mode, because the clients of this contract know that.
 * Source: contract orchestrator, section 3.
 */
import type { Refusal } from './field-entry.ts';

export type Parsed<T> = { readonly value: T } | { readonly refusal: Refusal };

export interface Field<T> {
  readonly parse: (given: unknown) => Parsed<T>;
  /** What an absent field stands for; a field without it is required. */
  readonly absent?: { readonly value: T };
}

/** A field that may be absent, but not null. */
export function optional<T, A>({ parse }: Field<T>, value: A): Field<T | A> {
  return { parse, absent: { value } };
}

/** A field that may be absent or null; both read as null. */
export function nullable<T>({ parse }: Field<T>): Field<T | null> {
  return { parse: (given) => (given === null ? { value: null } : parse(given)), absent: { value: null } };
}

/** A field whose value must pass one more look; `check` answers with what is wrong. */
export function checked<T>(field: Field<T>, check: (value: T) => Refusal | undefined): Field<T> {
  return {
    ...field,
    parse: (given) => {
      const parsed = field.parse(given);
      const refusal = 'value' in parsed ? check(parsed.value) : undefined;
      return refusal ? { refusal } : parsed;
    },
  };
}

function refused(type: string, msg: string, ctx?: Record<string, unknown>): { readonly refusal: Refusal } {
  return { refusal: { type, msg, ...(ctx && { ctx }) } };
}

/** What has no type of its own in the contract. */
export function valueError(error: string): Refusal {
  return { type: 'value_error', msg: `Value error, ${error}`, ctx: { error } };
}

function characters(count: number): string {
  return `${count} ${count === 1 ? 'character' : 'characters'}`;
}

/** Text; a character is a code point. */
export function text({ min, max }: { readonly min: number; readonly max: number }): Field<string> {
  return {
    parse: (given) => {
      if (typeof given !== 'string') return refused('string_type', 'Input should be a valid string');
      if (!given.isWellFormed()) return { refusal: valueError('the text is not valid Unicode') };
      const { length } = [...given];
      if (length < min) {
        const msg = `String should have at least ${characters(min)}`;
        return refused('string_too_short', msg, { min_length: min });
      }
      if (length <= max) return { value: given };
      return refused('string_too_long', `String should have at most ${characters(max)}`, { max_length: max });
    },
  };
}

const TRUE = new Set(['true', '1', 'yes', 'on', 't', 'y']);
const FALSE = new Set(['false', '0', 'no', 'off', 'f', 'n']);

export const boolean: Field<boolean> = {
  parse: (given) => {
    if (typeof given === 'boolean') return { value: given };
    const isWhole = typeof given === 'number' && Number.isInteger(given);
    if (typeof given !== 'string' && !isWhole) return refused('bool_type', 'Input should be a valid boolean');
    const word = String(given).toLowerCase();
    if (TRUE.has(word)) return { value: true };
    if (FALSE.has(word)) return { value: false };
    return refused('bool_parsing', 'Input should be a valid boolean, unable to interpret input');
  },
};

/** Digits may be parted by underscores, and zeros may follow the point. */
const INTEGER_TEXT = /^([+-]?)(\d+(?:_\d+)*)(?:\.0+)?$/;
const BEYOND_ALL = 10n ** 30n;
const MOST_DIGITS = 30;

/** The whole number that the text stands for; beyond 30 digits only its sign is kept. */
function parseWhole(given: string): bigint | undefined {
  const [, sign, digits] = INTEGER_TEXT.exec(given.trim()) ?? [];
  if (digits === undefined) return undefined;
  const significant = digits.replaceAll('_', '').replace(/^0+(?=\d)/, '');
  const size = significant.length > MOST_DIGITS ? BEYOND_ALL : BigInt(significant);
  return sign === '-' ? -size : size;
}

interface WholeRange {
  readonly min: bigint;
  /** Without it, what is beyond exact numbers reads as the largest of those. */
  readonly max?: bigint;
}

const LARGEST_EXACT = BigInt(Number.MAX_SAFE_INTEGER);

function inRange(value: bigint, { min, max }: WholeRange): Parsed<number> {
  if (value < min) {
    return refused('greater_than_equal', `Input should be greater than or equal to ${min}`, {
      ge: exact(min),
    });
  }
  if (max !== undefined && value > max) {
    return refused('less_than_equal', `Input should be less than or equal to ${max}`, { le: exact(max) });
  }
  return { value: Number(value > LARGEST_EXACT ? LARGEST_EXACT : value) };
}

/** A number that JSON shows with all its digits. */
function exact(value: bigint): unknown {
  return value > LARGEST_EXACT ? rawJson(String(value)) : Number(value);
}

const { rawJSON: rawJson } = JSON as unknown as { rawJSON(text: string): unknown };

/** A whole number, also as text. */
export function integer(range: WholeRange): Field<number> {
  return {
    parse: (given) => {
      if (typeof given === 'string') {
        const value = parseWhole(given);
        if (value !== undefined) return inRange(value, range);
        const msg = 'Input should be a valid integer, unable to parse string as an integer';
        return refused('int_parsing', msg);
      }
      if (typeof given !== 'number') return refused('int_type', 'Input should be a valid integer');
      // A number too large for JSON to hold reads as infinite.
      if (!Number.isFinite(given)) return inRange(given > 0 ? BEYOND_ALL : -BEYOND_ALL, range);
      if (Number.isInteger(given)) return inRange(BigInt(given), range);
      const msg = 'Input should be a valid integer, got a number with a fractional part';
      return refused('int_from_float', msg);
    },
  };
}
