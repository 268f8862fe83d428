import { RestFault } from '../../fault.ts';
import { Cursor, type Rule } from './cursor.ts';

const TAB_WIDTH = 8;
const DELETE = 0x7f;
const SPACE = 0x20;

const ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x7f': '\\DEL',
  '\\': '\\\\',
};
const CONTROLS =
  'NUL SOH STX ETX EOT ENQ ACK a b t n v f r SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US';
const CONTROL_NAMES = CONTROLS.split(' ');

/** A character in quotes, escaped where it is no printable ASCII. */
function shown(character: string, quote: '"' | "'"): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === quote) return `${quote}\\${character}${quote}`;
  const escaped = ESCAPES[character];
  if (escaped !== undefined) return quote + escaped + quote;
  if (code < SPACE) return `${quote}\\${CONTROL_NAMES[code]}${quote}`;
  if (code > DELETE) return `${quote}\\${code}${quote}`;
  return quote + character + quote;
}

function placeOf(text: string, end: number): { line: number; column: number } {
  let line = 1;
  let column = 1;
  let index = 0;
  for (const character of text) {
    if (index >= end) break;
    index += character.length;
    if (character === '\n') {
      line += 1;
      column = 1;
    } else if (character === '\t') {
      column += TAB_WIDTH - ((column - 1) % TAB_WIDTH);
    } else {
      column += 1;
    }
  }
  return { line, column };
}

function alternatives(names: readonly string[]): string {
  const unique = [...new Set(names)];
  const last = unique.pop() ?? '';
  return unique.length === 0 ? last : `${unique.join(', ')} or ${last}`;
}

function detailsOf(cursor: Cursor): string {
  const { text, refusal } = cursor;
  if (refusal === undefined) return 'unknown parse error';
  const parts: string[] = [];
  if (refusal.forbidden.length > 0) {
    parts.push(`unexpected ${alternatives(refusal.forbidden.map((character) => shown(character, "'")))}`);
  } else if (refusal.met !== null) {
    const met = refusal.met >= text.length ? 'end of input' : shown(cursor.characterAt(refusal.met), '"');
    parts.push(`unexpected ${met}`);
  }
  if (refusal.expected.length > 0) parts.push(`expecting ${alternatives(refusal.expected)}`);
  return parts.join(' ');
}

/** A fault about a part of the query string: 400 PGRST100. `subject` is what failed, with the text as it came. */
function queryFault(subject: string, text: string, at: number, details: string): RestFault {
  const { line, column } = placeOf(text, at);
  return new RestFault(400, 'PGRST100', `"${subject}" (line ${line}, column ${column})`, { details });
}

/**
 * Parses a text of the query string. What a rule leaves unread is ignored, as PostgREST does; rules that must reach
 * the end ask for it. Throws `queryFault`.
 */
export function parseText<T>(subject: string, text: string, rule: Rule<T>): T {
  const result = rule(new Cursor(text, false));
  if (result !== undefined) return result;
  const cursor = new Cursor(text, true);
  rule(cursor);
  throw refusalFault(subject, cursor);
}

/** Deeper requests would exhaust the stack here, in planning or in Postgres. */
export const MAX_DEPTH = 100;

export function checkDepth(subject: string, cursor: Cursor, depth: number): void {
  if (depth < MAX_DEPTH) return;
  const details = `more than ${MAX_DEPTH} levels of parentheses`;
  throw queryFault(subject, cursor.text, cursor.position, details);
}

/** The fault for a cursor whose rule refused. */
function refusalFault(subject: string, cursor: Cursor): RestFault {
  const at = cursor.refusal?.at ?? cursor.position;
  return queryFault(subject, cursor.text, at, detailsOf(cursor));
}
