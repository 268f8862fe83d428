/** Faults of a request as this contract lists them: type, place, message, input. Source: its section 3. */

export type Place = 'path' | 'query' | 'body';

export interface FieldEntry {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
  readonly ctx?: Readonly<Record<string, unknown>>;
}

/** What is wrong with a value, wherever it stood. */
export type Refusal = Pick<FieldEntry, 'type' | 'msg' | 'ctx'>;

const MASK = '**********';
const LONGEST_INPUT = 4_096;
const SECRET_NAME = /(?:password|token|secret)$/i;
/** In a body that is one text, such as JSON that was rendered twice. */
const SECRET_IN_TEXT = /(?:password|token|secret)["'\\\s]*[:=]/i;

/** `input` repeats what was sent, but never a secret, and nothing so deep or long that it cannot be rendered. */
export function maskedInput(name: string | null, value: unknown): unknown {
  if (name !== null && SECRET_NAME.test(name)) return MASK;
  return isRenderable(value) ? withoutSecrets(value) : null;
}

function isRenderable(value: unknown): boolean {
  try {
    return (JSON.stringify(value) ?? '').length <= LONGEST_INPUT;
  } catch {
    return false;
  }
}

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value ?? null;
  const fields = Object.entries(value).map(
    ([name, inner]) => [name, SECRET_NAME.test(name) ? MASK : withoutSecrets(inner)] as const,
  );
  return Object.fromEntries(fields);
}

/** A field whose value was refused. */
export function refusedField(place: Place, name: string, value: unknown, refusal: Refusal): FieldEntry {
  const { type, msg, ctx } = refusal;
  return { type, loc: [place, name], msg, input: maskedInput(name, value), ...(ctx && { ctx }) };
}

/** A field that is not there, in the object where it should be. */
export function missingField(place: Place, name: string, whole: unknown): FieldEntry {
  return { type: 'missing', loc: [place, name], msg: 'Field required', input: maskedInput(null, whole) };
}

export const MISSING_BODY: FieldEntry = {
  type: 'missing',
  loc: ['body'],
  msg: 'Field required',
  input: null,
};

/** A body that is something else than an object. */
export function notAnObject(body: unknown): FieldEntry {
  const showsSecret = typeof body === 'string' && SECRET_IN_TEXT.test(body);
  return {
    type: 'model_attributes_type',
    loc: ['body'],
    msg: 'Input should be a valid dictionary or object to extract fields from',
    input: showsSecret ? MASK : maskedInput(null, body),
  };
}

/** A body that is no JSON from `offset` on. */
export function malformedJson(offset: number): FieldEntry {
  return {
    type: 'json_invalid',
    loc: ['body', offset],
    msg: 'JSON decode error',
    input: {},
    ctx: { error: 'the text is not JSON' },
  };
}

/** One line for clients that read `message`: the first entry. */
export function summary(entries: readonly FieldEntry[]): string {
  const first = entries[0];
  return first ? `${first.loc.at(-1)}: ${first.msg}` : '';
}
