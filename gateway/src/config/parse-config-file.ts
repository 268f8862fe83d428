/** The syntax of PostgREST's configuration file: that of the Haskell package configurator-pg. */
import { ConfigSyntaxError } from './config-syntax-error.ts';

export type ConfigValue = boolean | number | string | readonly ConfigValue[];

interface Cursor {
  readonly text: string;
  at: number;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Inside a directive that `#;` took out: nothing is looked up or bound. */
  isCommentedOut: boolean;
}

type Bind = (key: string, value: ConfigValue) => void;

const KEY = /\p{L}[\p{L}\p{N}_-]*(?:\.\p{L}[\p{L}\p{N}_-]*)*/uy;
const WORD = /on|off|true|false/y;
const NUMBER = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Blank space over lines, and comments; `#;` is no comment but takes one directive out. */
const LINES = /(?:\s|#(?!;)[^\r\n]*)*/y;
const SPACE = /[ \t]*/y;
const REST_OF_LINE = /[ \t]*(?:#[^\r\n]*)?/y;
const END_OF_LINE = /\r?\n/y;
const PLAIN_CHARACTERS = /[^"\\]*/y;
const HEX_QUAD = /[0-9a-fA-F]{4}/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\' };

/**
 * Values by key; of a repeated key the last one counts. `$(NAME)` takes `variables[NAME]`; a name that is not in
 * there is refused, so that a file reads nothing of this process that the caller did not hand in.
 * Throws `ConfigSyntaxError`.
 */
export function parseConfigFile(
  text: string,
  variables: Readonly<Record<string, string | undefined>> = {},
): ReadonlyMap<string, ConfigValue> {
  const values = new Map<string, ConfigValue>();
  const cursor: Cursor = { text: text.replace(/^\uFEFF/, ''), at: 0, variables, isCommentedOut: false };
  readDirectives(cursor, (key, value) => values.set(key, value));
  if (cursor.at < cursor.text.length) fail(cursor, `unexpected ${nextCharacter(cursor)}`);
  return values;
}

/** Up to the end, or to the brace that closes a group. */
function readDirectives(cursor: Cursor, bind: Bind): void {
  take(cursor, LINES);
  while (cursor.at < cursor.text.length && cursor.text[cursor.at] !== '}') {
    readDirective(cursor, bind);
    take(cursor, REST_OF_LINE);
    const isEnd = cursor.at === cursor.text.length || cursor.text[cursor.at] === '}';
    if (!isEnd && take(cursor, END_OF_LINE) === '') {
      fail(cursor, `unexpected ${nextCharacter(cursor)} after the value`);
    }
    take(cursor, LINES);
  }
}

function readDirective(cursor: Cursor, bind: Bind): void {
  if (skip(cursor, '#;')) {
    take(cursor, SPACE);
    const before = cursor.isCommentedOut;
    cursor.isCommentedOut = true;
    readDirective(cursor, () => undefined);
    cursor.isCommentedOut = before;
    return;
  }
  const key = take(cursor, KEY);
  if (key === '') fail(cursor, `a key was expected, not ${nextCharacter(cursor)}`);
  if (key === 'import') fail(cursor, 'import is not supported');
  const behindKey = { ...cursor };
  take(cursor, LINES);
  if (skip(cursor, '{')) {
    readDirectives(cursor, (inner, value) => bind(`${key}.${inner}`, value));
    if (!skip(cursor, '}')) fail(cursor, `the group ${key} is not closed`);
    return;
  }
  if (!skip(cursor, '=')) fail(behindKey, `= was expected after ${key}`);
  take(cursor, LINES);
  bind(key, readValue(cursor));
}

function readValue(cursor: Cursor): ConfigValue {
  const word = take(cursor, WORD);
  if (word !== '') return word === 'on' || word === 'true';
  if (skip(cursor, '"')) return readString(cursor);
  if (skip(cursor, '[')) return readList(cursor);
  const number = take(cursor, NUMBER);
  if (number !== '') return Number(number);
  return fail(
    cursor,
    `a string in double quotes, a number, true or false was expected, not ${nextCharacter(cursor)}`,
  );
}

function readList(cursor: Cursor): ConfigValue[] {
  const items: ConfigValue[] = [];
  take(cursor, LINES);
  if (skip(cursor, ']')) return items;
  for (;;) {
    items.push(readValue(cursor));
    take(cursor, LINES);
    if (skip(cursor, ']')) return items;
    if (!skip(cursor, ',')) fail(cursor, `, or ] was expected in the list, not ${nextCharacter(cursor)}`);
    take(cursor, LINES);
  }
}

/** After the opening quote. Variables are looked up in the text that the escapes make. */
function readString(cursor: Cursor): string {
  const start = { ...cursor };
  let raw = '';
  for (;;) {
    raw += take(cursor, PLAIN_CHARACTERS);
    if (skip(cursor, '"')) return cursor.isCommentedOut ? '' : interpolate(start, raw);
    if (!skip(cursor, '\\')) return fail(start, 'the string is not closed');
    raw += readEscape(cursor);
  }
}

function readEscape(cursor: Cursor): string {
  const letter = cursor.text[cursor.at] ?? '';
  const escaped = ESCAPES[letter];
  if (escaped === undefined && letter !== 'u') fail(cursor, `\\${letter} is no escape`);
  cursor.at += 1;
  if (escaped !== undefined) return escaped;
  const high = readHexQuad(cursor);
  if (high < 0xd800 || high > 0xdfff) return String.fromCharCode(high);
  if (high > 0xdbff || !skip(cursor, '\\u')) return fail(cursor, 'half a surrogate pair');
  const low = readHexQuad(cursor);
  if (low < 0xdc00 || low > 0xdfff) fail(cursor, 'half a surrogate pair');
  return String.fromCharCode(high, low);
}

function readHexQuad(cursor: Cursor): number {
  const digits = take(cursor, HEX_QUAD);
  if (digits === '') fail(cursor, '\\u needs four hexadecimal digits');
  return Number.parseInt(digits, 16);
}

/** `$$` is a dollar sign; any other one must begin a variable. */
function interpolate(start: Cursor, raw: string): string {
  return raw.replace(/\$(?:(\$)|\(([^)]+)\))?/g, (_match, dollar?: string, name?: string) => {
    if (dollar !== undefined) return '$';
    if (name === undefined) return fail(start, 'a dollar sign is written $$, a variable $(NAME)');
    const value = Object.hasOwn(start.variables, name) ? start.variables[name] : undefined;
    return value ?? fail(start, `the variable ${name} is not allowed here, or not set`);
  });
}

/** What the sticky pattern matches here; moves behind it. */
function take(cursor: Cursor, pattern: RegExp): string {
  pattern.lastIndex = cursor.at;
  const match = pattern.exec(cursor.text)?.[0] ?? '';
  cursor.at += match.length;
  return match;
}

function skip(cursor: Cursor, text: string): boolean {
  if (!cursor.text.startsWith(text, cursor.at)) return false;
  cursor.at += text.length;
  return true;
}

function nextCharacter(cursor: Cursor): string {
  const code = cursor.text.codePointAt(cursor.at);
  if (code === undefined) return 'the end';
  return code === 10 || code === 13 ? 'the end of the line' : JSON.stringify(String.fromCodePoint(code));
}

function fail(cursor: Cursor, message: string): never {
  const line = cursor.text.slice(0, cursor.at).split('\n').length;
  throw new ConfigSyntaxError(line, message);
}
