import type { FieldRef, PathStep } from '../api-request.ts';
import type { Cursor, Rule } from './cursor.ts';

const LETTER = /\p{L}/u;
const IDENTIFIER_EXPECTED = ['letter', 'digit'];
/** Characters that end a key of a JSON path. */
const KEY_ENDS = '(-:.,>)';

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** The length in code units of the identifier character at an index; 0: none is there. */
function identifierLength(text: string, index: number): number {
  const code = text.charCodeAt(index);
  if ((code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a)) return 1;
  if (isDigit(code) || code === 0x5f || code === 0x20 || code === 0x24) return 1;
  if (!(code > 0x7f)) return 0;
  const character = String.fromCodePoint(text.codePointAt(index) ?? 0);
  return LETTER.test(character) ? character.length : 0;
}

/** Letters, digits, `_`, `$` and spaces; without spaces around it. */
export function identifier(cursor: Cursor): string | undefined {
  const start = cursor.position;
  let end = start;
  for (let length = 1; length > 0; end += length) length = identifierLength(cursor.text, end);
  if (end > start) cursor.advanceTo(end);
  cursor.refuse(IDENTIFIER_EXPECTED);
  return end > start ? cursor.text.slice(start, end).trim() : undefined;
}

/** `"…"` with `\` before quotes and backslashes. */
export function quotedValue(cursor: Cursor): string | undefined {
  const { text } = cursor;
  if (!cursor.read('"')) return undefined;
  let value = '';
  let from = cursor.position;
  for (let index = from; index < text.length; index += 1) {
    const character = text[index];
    if (character === '"') {
      cursor.advanceTo(index + 1);
      return value + text.slice(from, index);
    }
    if (character === '\\') {
      value += text.slice(from, index);
      index += 1;
      from = index;
    }
  }
  cursor.advanceTo(text.length);
  cursor.refuse(text.endsWith('\\') && from === text.length ? [] : ['"\\\\"', '"\\""']);
  return undefined;
}

function hyphen(cursor: Cursor): true | undefined {
  return cursor.attempt((inner) => (inner.read('-') && inner.lacks('>')) || undefined);
}

/** A name may hold hyphens, but no `->`. */
function hyphenated(part: Rule<string>): Rule<string> {
  return (cursor) => cursor.list(part, hyphen)?.join('-');
}

const hyphenatedIdentifier = hyphenated(identifier);
const FIELD_NAMES: readonly Rule<string>[] = [quotedValue, hyphenatedIdentifier];

export function fieldName(cursor: Cursor): string | undefined {
  return cursor.named('field name (* or [a..z0..9_$])', (inner) => inner.either(FIELD_NAMES));
}

function keyPart(cursor: Cursor): string | undefined {
  const { text, position: start } = cursor;
  let end = start;
  while (end < text.length && !KEY_ENDS.includes(text.charAt(end))) end += 1;
  if (end > start) cursor.advanceTo(end);
  cursor.refuse([]);
  return end > start ? text.slice(start, end).trim() : undefined;
}

const KEY_NAMES: readonly Rule<string>[] = [quotedValue, hyphenated(keyPart)];

function pathKey(cursor: Cursor): string | undefined {
  return cursor.attempt((whole) =>
    whole.named('any non reserved character different from: .,>()', (inner) => inner.either(KEY_NAMES)),
  );
}

const INDEX_ENDS = ['->', '::', '.', ','];

function pathIndex(cursor: Cursor): string | undefined {
  const { text, position: start } = cursor;
  cursor.optional((inner) => inner.read('-') || undefined);
  const firstDigit = cursor.position;
  let end = firstDigit;
  while (isDigit(text.charCodeAt(end))) end += 1;
  if (end > firstDigit) cursor.advanceTo(end);
  cursor.refuse(['digit']);
  if (end === firstDigit) return undefined;
  const isEnded = INDEX_ENDS.some((ending) => cursor.sees(ending)) || cursor.seesEnd();
  return isEnded ? text.slice(start, end) : undefined;
}

function arrow(cursor: Cursor): PathStep['arrow'] | undefined {
  return (
    cursor.attempt((inner) => (inner.read('->>') ? '->>' : undefined)) ??
    cursor.attempt((inner) => (inner.read('->') ? '->' : undefined))
  );
}

function pathStep(cursor: Cursor): PathStep | undefined {
  const found = arrow(cursor);
  if (found === undefined) return undefined;
  const index = cursor.attempt(pathIndex);
  if (index !== undefined) return { arrow: found, operand: index, isIndex: true };
  const key = pathKey(cursor);
  return key === undefined ? undefined : { arrow: found, operand: key, isIndex: false };
}

/** `->key`, `->>key`, `->0`, any number of them. */
export function jsonPath(cursor: Cursor): PathStep[] | undefined {
  const steps: PathStep[] = [];
  for (;;) {
    const step = cursor.optional(pathStep);
    if (step === undefined) return undefined;
    if (step === null) return steps;
    steps.push(step);
  }
}

export function blanks(cursor: Cursor): void {
  const { text } = cursor;
  let end = cursor.position;
  while (text.charAt(end) === ' ' || text.charAt(end) === '\t') end += 1;
  if (end > cursor.position) cursor.advanceTo(end);
  cursor.refuse([]);
}

/** A mark with blanks around it. */
export function spaced(mark: string): Rule<true> {
  return (cursor) => {
    blanks(cursor);
    if (!cursor.read(mark)) return undefined;
    blanks(cursor);
    return true;
  };
}

export function delimiter(cursor: Cursor): true | undefined {
  return cursor.named('delimiter (.)', (inner) => inner.read('.') || undefined);
}

/** A name with its JSON path, and blanks around it. */
export function field(cursor: Cursor): FieldRef | undefined {
  blanks(cursor);
  const name = fieldName(cursor);
  if (name === undefined) return undefined;
  const path = jsonPath(cursor);
  if (path === undefined) return undefined;
  blanks(cursor);
  return { name, path };
}
