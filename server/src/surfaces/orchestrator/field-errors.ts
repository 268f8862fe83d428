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
const PLACES: Readonly<Record<Part, string>> = { params: 'path', query: 'query', body: 'body' };

/** `input` repeats what was sent, but never a secret. */
function masked(field: string | null, value: unknown): unknown {
  if (field !== null && SECRET.has(field)) return MASK;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value ?? null;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, SECRET.has(key) ? MASK : inner]),
  );
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
    input: input ?? null,
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
export function invalidExpiry(input: unknown, reason: 'type' | 'format' | 'past'): FieldEntry {
  const loc = ['body', 'expires_at'];
  if (reason === 'past') {
    const error = 'expires_at must be in the future';
    return { type: 'value_error', loc, msg: `Value error, ${error}`, input, ctx: { error } };
  }
  const error = 'input is not an RFC 3339 time';
  return {
    type: 'datetime_from_date_parsing',
    loc,
    msg: `Input should be a valid datetime or date, ${error}`,
    input,
    ctx: { error },
  };
}

export function badPathId(field: string, input: string): FieldEntry {
  return {
    type: 'int_parsing',
    loc: ['path', field],
    msg: 'Input should be a valid integer, unable to parse string as an integer',
    input,
  };
}

/** One line for clients that read `message`: the first entry. */
export function summary(entries: readonly FieldEntry[]): string {
  const first = entries[0];
  return first ? `${first.loc.at(-1)}: ${first.msg}` : '';
}
