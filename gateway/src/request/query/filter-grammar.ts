import type { Filter, IsValue, Operation, SimpleOperator, TextSearchOperator } from '../api-request.ts';
import type { Cursor, Rule } from './cursor.ts';
import { blanks, delimiter, identifier, quotedValue } from './field-grammar.ts';

/** An operation with its negation: `not.eq.1`. */
export type Condition = Pick<Filter, 'isNegated' | 'operation'>;

/** In the order in which they are tried: a longer name before one that it begins with. */
const PLAIN_OPERATORS = ['neq', 'cs', 'cd', 'ov', 'sl', 'sr', 'nxr', 'nxl', 'adj'] as const;
const QUANTIFIABLE_OPERATORS = ['eq', 'gte', 'gt', 'lte', 'lt', 'like', 'ilike', 'match', 'imatch'] as const;
const TEXT_SEARCH_OPERATORS: readonly TextSearchOperator[] = ['fts', 'plfts', 'phfts', 'wfts'];
const IS_VALUES: readonly IsValue[] = ['null', 'not_null', 'true', 'false', 'unknown'];

function attemptRead(cursor: Cursor, wanted: string): boolean {
  return cursor.attempt((inner) => inner.read(wanted) || undefined) ?? false;
}

/** `name.` */
function prefix(cursor: Cursor, name: string): boolean {
  return cursor.attempt((inner) => (inner.read(name) && delimiter(inner)) || undefined) ?? false;
}

function firstRead<T extends string>(cursor: Cursor, names: readonly T[]): T | undefined {
  return names.find((name) => attemptRead(cursor, name));
}

/** A quoted value that is all of its element: `,` or `)` follows. */
function quotedElement(cursor: Cursor): string | undefined {
  return cursor.attempt((inner) => {
    const value = quotedValue(inner);
    if (value === undefined) return undefined;
    const next = inner.characterAt(inner.position);
    if (next !== '' && next !== ',' && next !== ')') return inner.forbid(next, inner.position + next.length);
    inner.refuse([]);
    return value;
  });
}

function upToSeparator(cursor: Cursor): string {
  const { text, position: start } = cursor;
  let end = start;
  while (end < text.length && text[end] !== ',' && text[end] !== ')') end += 1;
  if (end > start) cursor.advanceTo(end);
  cursor.refuse([]);
  return text.slice(start, end);
}

function listElement(cursor: Cursor): string {
  return quotedElement(cursor) ?? upToSeparator(cursor);
}

const comma: Rule<true> = (cursor) => cursor.read(',') || undefined;

/** `(a,b,"c,d")` with blanks around it; `()` has no value. */
function valueList(cursor: Cursor): string[] | undefined {
  blanks(cursor);
  if (!cursor.read('(')) return undefined;
  blanks(cursor);
  const values = cursor.list(listElement, comma);
  if (values === undefined) return undefined;
  blanks(cursor);
  if (!cursor.read(')')) return undefined;
  blanks(cursor);
  return values.length === 1 && values[0] === '' ? [] : values;
}

/** The rest of the text. */
function wholeValue(cursor: Cursor): string {
  const value = cursor.text.slice(cursor.position);
  cursor.advanceTo(cursor.text.length);
  return value;
}

/** `{…}` without braces inside. */
function arrayLiteral(cursor: Cursor): string | undefined {
  return cursor.attempt((inner) => {
    const start = inner.position;
    if (!inner.read('{')) return undefined;
    let end = inner.position;
    while (end < inner.text.length && inner.text[end] !== '{' && inner.text[end] !== '}') end += 1;
    inner.advanceTo(end);
    return inner.read('}') ? inner.text.slice(start, end + 1) : undefined;
  });
}

/** A value inside of `and=(…)`, which ends at `,` or `)` unless it is quoted or an array. */
function enclosedValue(cursor: Cursor): string {
  return quotedElement(cursor) ?? arrayLiteral(cursor) ?? upToSeparator(cursor);
}

function isOperation(cursor: Cursor): Operation | undefined {
  if (!prefix(cursor, 'is')) return undefined;
  return cursor.named('isVal: (null, not_null, true, false, unknown)', (inner) => {
    const rest = inner.text.slice(inner.position, inner.position + 'not_null'.length).toLowerCase();
    const value = IS_VALUES.find((candidate) => rest.startsWith(candidate));
    if (value === undefined) return inner.refuse([], inner.position + commonLength(rest));
    inner.advanceTo(inner.position + value.length);
    return { kind: 'is', value };
  });
}

/** How far a text begins like one of the values of `is`. */
function commonLength(text: string): number {
  let longest = 0;
  for (const value of IS_VALUES) {
    let length = 0;
    while (length < value.length && text[length] === value[length]) length += 1;
    longest = Math.max(longest, length);
  }
  return longest;
}

function inOperation(cursor: Cursor): Operation | undefined {
  if (!prefix(cursor, 'in')) return undefined;
  const values = valueList(cursor);
  return values === undefined ? undefined : { kind: 'in', values };
}

function simple(operator: SimpleOperator, quantifier: 'all' | 'any' | null, value: string): Operation {
  return { kind: 'simple', operator, quantifier, value };
}

type ValueRule = (cursor: Cursor) => string;

function distinctOperation(cursor: Cursor, readValue: ValueRule): Operation | undefined {
  return prefix(cursor, 'isdistinct') ? simple('isdistinct', null, readValue(cursor)) : undefined;
}

function parenthesised<T>(cursor: Cursor, rule: Rule<T>): T | undefined {
  return cursor.attempt((inner) => {
    if (!inner.read('(')) return undefined;
    const found = rule(inner);
    return found !== undefined && inner.read(')') ? found : undefined;
  });
}

function textSearchOperation(cursor: Cursor, readValue: ValueRule): Operation | undefined {
  const operator = firstRead(cursor, TEXT_SEARCH_OPERATORS);
  if (operator === undefined) return undefined;
  const language = parenthesised(cursor, identifier) ?? null;
  if (!delimiter(cursor)) return undefined;
  return { kind: 'text-search', operator, language, value: readValue(cursor) };
}

function plainOperation(cursor: Cursor, readValue: ValueRule): Operation | undefined {
  const operator = firstRead(cursor, PLAIN_OPERATORS);
  if (operator === undefined || !delimiter(cursor)) return undefined;
  return simple(operator, null, readValue(cursor));
}

function quantifierName(cursor: Cursor): 'all' | 'any' | undefined {
  if (attemptRead(cursor, 'any')) return 'any';
  return cursor.read('all') ? 'all' : undefined;
}

function quantifiableOperation(cursor: Cursor, readValue: ValueRule): Operation | undefined {
  const operator = firstRead(cursor, QUANTIFIABLE_OPERATORS);
  if (operator === undefined) return undefined;
  const quantifier = parenthesised(cursor, quantifierName) ?? null;
  if (!delimiter(cursor)) return undefined;
  return simple(operator, quantifier, readValue(cursor));
}

function operationRules(readValue: ValueRule): readonly Rule<Operation>[] {
  return [
    inOperation,
    isOperation,
    (cursor) => distinctOperation(cursor, readValue),
    (cursor) => cursor.attempt((inner) => textSearchOperation(inner, readValue)),
    (cursor) => cursor.attempt((inner) => plainOperation(inner, readValue)),
    (cursor) => cursor.attempt((inner) => quantifiableOperation(inner, readValue)),
  ];
}

function conditionRule(readValue: ValueRule): Rule<Condition> {
  const rules = operationRules(readValue);
  return (cursor) => {
    const isNegated = prefix(cursor, 'not');
    const operation = cursor.named('operator (eq, gt, ...)', (inner) => inner.either(rules));
    return operation === undefined ? undefined : { isNegated, operation };
  };
}

/** `eq.1`, `not.in.(1,2)`, `fts(english).word`: the value of a parameter. */
export const condition = conditionRule(wholeValue);

/** The same inside of `and=(…)`. */
export const enclosedCondition = conditionRule(enclosedValue);
