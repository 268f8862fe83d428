/** Field faults as this contract lists them: type, place, message, input. Source: its section 3. */
import type { FieldFault, Part } from '../kit/field-fault.ts';

export interface FieldEntry {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
  readonly ctx?: Record<string, unknown>;
}

const SECRET = new Set(['password', 'token']);
const MASK = '**********';
const LONGEST_INPUT = 4_096;
const PLACES: Readonly<Record<Part, string>> = { params: 'path', query: 'query', body: 'body' };

/** `input` repeats what was sent, but never a secret, and nothing so deep or long that it cannot be rendered. */
function masked(field: string | null, value: unknown): unknown {
  if (field !== null && SECRET.has(field)) return MASK;
  if (!isRenderable(value)) return null;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value ?? null;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, SECRET.has(key) ? MASK : inner]),
  );
}

function isRenderable(value: unknown): boolean {
  try {
    return (JSON.stringify(value) ?? '').length <= LONGEST_INPUT;
  } catch {
    return false;
  }
}

function characters(count: number | null): string {
  return `${count} ${count === 1 ? 'character' : 'characters'}`;
}

function describe({ rule, limit }: FieldFault): Pick<FieldEntry, 'type' | 'msg' | 'ctx'> {
  switch (rule) {
    case 'required':
      return { type: 'missing', msg: 'Field required' };
    case 'minLength':
      return {
        type: 'string_too_short',
        msg: `String should have at least ${characters(limit)}`,
        ctx: { min_length: limit },
      };
    case 'maxLength':
      return {
        type: 'string_too_long',
        msg: `String should have at most ${characters(limit)}`,
        ctx: { max_length: limit },
      };
    default:
      return { type: 'string_type', msg: 'Input should be a valid string' };
  }
}

export function fieldEntry(fault: FieldFault): FieldEntry {
  const place = PLACES[fault.part];
  if (fault.field === null) {
    return fault.value === undefined
      ? { type: 'missing', loc: [place], msg: 'Field required', input: null }
      : notAnObject(fault.value);
  }
  const input = fault.rule === 'required' ? masked(null, fault.value) : masked(fault.field, fault.value);
  const { type, msg, ctx } = describe(fault);
  return { type, loc: [place, fault.field], msg, input, ...(ctx && { ctx }) };
}

export function notAnObject(input: unknown): FieldEntry {
  return {
    type: 'model_attributes_type',
    loc: ['body'],
    msg: 'Input should be a valid dictionary or object to extract fields from',
    input: masked(null, input),
  };
}

export function malformedJson(offset: number): FieldEntry {
  return {
    type: 'json_invalid',
    loc: ['body', offset],
    msg: 'JSON decode error',
    input: {},
    ctx: { error: 'the text is not JSON' },
  };
}

/** `expires_at` that is no time, or a past one. */
export function invalidExpiry(input: unknown, reason: 'format' | 'past'): FieldEntry {
  const loc = ['body', 'expires_at'];
  if (reason === 'past') {
    const error = 'expires_at must be in the future';
    return {
      type: 'value_error',
      loc,
      msg: `Value error, ${error}`,
      input: masked(null, input),
      ctx: { error },
    };
  }
  const error = 'input is not an RFC 3339 time';
  return {
    type: 'datetime_from_date_parsing',
    loc,
    msg: `Input should be a valid datetime or date, ${error}`,
    input: masked(null, input),
    ctx: { error },
  };
}

const LARGEST_ID = 2n ** 63n - 1n;

/** The entry for a path id that is no integer from 1 to 2^63 - 1; `undefined` when it is one. */
export function badPathId(field: string, input: string): FieldEntry | undefined {
  const loc = ['path', field];
  if (!/^[+-]?[0-9]{1,40}$/.test(input)) {
    const msg = 'Input should be a valid integer, unable to parse string as an integer';
    return { type: 'int_parsing', loc, msg, input: masked(null, input) };
  }
  const id = BigInt(input.replace('+', ''));
  if (id < 1n) {
    const msg = 'Input should be greater than or equal to 1';
    return { type: 'greater_than_equal', loc, msg, input, ctx: { ge: 1 } };
  }
  if (id <= LARGEST_ID) return undefined;
  const msg = `Input should be less than or equal to ${LARGEST_ID}`;
  return { type: 'less_than_equal', loc, msg, input, ctx: { le: Number(LARGEST_ID) } };
}

/** One line for clients that read `message`: the first entry. */
export function summary(entries: readonly FieldEntry[]): string {
  const first = entries[0];
  return first ? `${first.loc.at(-1)}: ${first.msg}` : '';
}
