import { isUtf8 } from 'node:buffer';
import { RestFault } from '../../fault.ts';
import type { Action, MediaType, Payload } from '../api-request.ts';
import { splitQuery } from '../query/split-query.ts';
import { CsvError, splitCsv } from './split-csv.ts';

type JsonPayload = Extract<Payload, { kind: 'json' }>;

const NO_ROWS: JsonPayload = { kind: 'json', text: '[]', isArray: true, keys: [] };
const NO_ARGUMENTS: JsonPayload = { kind: 'json', text: '{}', isArray: false, keys: [] };
/** Types that PostgREST knows, and so names without their parameters. */
const KNOWN_TYPES: ReadonlySet<string> = new Set([
  '*/*',
  'application/geo+json',
  'application/octet-stream',
  'application/openapi+json',
  'application/vnd.pgrst.array+json',
  'application/vnd.pgrst.object+json',
  'text/plain',
  'text/xml',
]);
const BLANK_THEN_BRACKET = /^[ \t\n\r]*\[/;
const LINE_END = /[\r\n]/;

function bodyFault(message: string): RestFault {
  return new RestFault(400, 'PGRST102', message);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a row has exactly these keys; rows of one source mostly have them in the same order. */
function hasKeys(row: unknown, keys: readonly string[], keySet: ReadonlySet<string>): boolean {
  if (!isObject(row)) return false;
  const own = Object.keys(row);
  return own.length === keys.length && own.every((key, index) => key === keys[index] || keySet.has(key));
}

function arrayPayload(text: string, rows: readonly unknown[]): JsonPayload {
  const [first] = rows;
  if (rows.length === 0) return NO_ROWS;
  const keys = isObject(first) ? Object.keys(first) : [];
  const keySet = new Set(keys);
  if (!rows.every((row) => hasKeys(row, keys, keySet))) throw bodyFault('All object keys must match');
  return { kind: 'json', text, isArray: true, keys };
}

function jsonPayload(body: Buffer, columns: readonly string[] | null, isCall: boolean): JsonPayload {
  // Postgres reads the rows itself, and takes from each what the columns name.
  if (columns !== null) {
    const text = body.toString('utf8');
    return { kind: 'json', text, isArray: BLANK_THEN_BRACKET.test(text), keys: columns };
  }
  if (body.length === 0 && isCall) return NO_ARGUMENTS;
  if (!isUtf8(body)) throw bodyFault('Empty or invalid json');
  const text = body.toString('utf8');
  const value = parseJson(text);
  if (Array.isArray(value)) return arrayPayload(text, value);
  return isObject(value) ? { kind: 'json', text, isArray: false, keys: Object.keys(value) } : NO_ROWS;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw bodyFault('Empty or invalid json');
  }
}

function jsonValue(field: string): string {
  return field === 'NULL' ? 'null' : JSON.stringify(field);
}

function csvRecords(text: string): string[][] {
  try {
    return splitCsv(text);
  } catch (error) {
    if (error instanceof CsvError) throw bodyFault(error.message);
    throw error;
  }
}

/** The first line names the columns; `NULL` is null; everything else is text. */
function csvPayload(body: Buffer): JsonPayload {
  const text = body.toString('utf8');
  const [header, ...rows] = csvRecords(text);
  // A header counts only when its line is ended.
  if (header === undefined || !LINE_END.test(text)) throw bodyFault('parse error (not enough input) at ""');
  const [first] = rows;
  if (first === undefined) return NO_ROWS;
  const width = Math.min(header.length, first.length);
  const keys = header.slice(0, width).map((name) => JSON.stringify(name));
  const objects = rows.map((row) => {
    if (Math.min(header.length, row.length) !== width) {
      throw bodyFault('All lines must have same number of fields');
    }
    return `{${keys.map((key, index) => `${key}:${jsonValue(row[index] ?? '')}`).join(',')}}`;
  });
  const names = [...new Set(header.slice(0, width))];
  return { kind: 'json', text: `[${objects.join(',')}]`, isArray: true, keys: names };
}

function formFields(body: Buffer): [name: string, value: string][] {
  return splitQuery(body.toString('utf8')).map(([name, value]) => [name, value ?? '']);
}

function formPayload(body: Buffer, isCall: boolean): Payload {
  const fields = formFields(body);
  if (isCall) return { kind: 'form', fields };
  const row = Object.fromEntries(fields);
  return { kind: 'json', text: JSON.stringify(row), isArray: false, keys: Object.keys(row) };
}

export interface PayloadSource {
  readonly action: Action;
  readonly method: string;
  readonly body: Buffer;
  readonly contentType: MediaType;
  /** As it came, for the message about it. */
  readonly contentTypeHeader: string | undefined;
  readonly columns: readonly string[] | null;
}

function takesPayload({ action, method }: PayloadSource): boolean {
  if (action === 'call') return method === 'POST';
  return action === 'insert' || action === 'update' || action === 'single-upsert';
}

/** What the body holds; `null` where the action takes none. Throws 400 PGRST102. */
export function parsePayload(source: PayloadSource): Payload | null {
  if (!takesPayload(source)) return null;
  const { action, body, contentType, contentTypeHeader } = source;
  const isCall = action === 'call';
  switch (contentType.type) {
    case 'application/json':
      return jsonPayload(body, source.columns, isCall);
    case 'text/csv':
      return csvPayload(body);
    case 'application/x-www-form-urlencoded':
      return formPayload(body, isCall);
    case 'text/plain':
    case 'text/xml':
    case 'application/octet-stream':
      if (isCall) return { kind: 'raw', bytes: body };
      break;
    default:
  }
  const shownType = KNOWN_TYPES.has(contentType.type) ? contentType.type : (contentTypeHeader ?? '');
  throw bodyFault(`Content-Type not acceptable: ${shownType}`);
}
