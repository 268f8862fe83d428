import type { OrderTerm } from '../api-request.ts';
import type { Cursor, Rule } from './cursor.ts';
import { blanks, delimiter, field, fieldName } from './field-grammar.ts';

type Ordering = Pick<OrderTerm, 'direction' | 'nulls'>;

/** `.word`, giving what it stands for. */
function suffix<T>(word: string, meaning: T): Rule<T> {
  return (cursor) => cursor.attempt((inner) => (delimiter(inner) && inner.read(word) ? meaning : undefined));
}

const DIRECTIONS = [suffix('asc', 'asc' as const), suffix('desc', 'desc' as const)];
const NULLS = [suffix('nullsfirst', 'first' as const), suffix('nullslast', 'last' as const)];

function ordering(cursor: Cursor): Ordering | undefined {
  const direction = cursor.either(DIRECTIONS) ?? null;
  const nulls = cursor.either(NULLS) ?? null;
  return cursor.sees(',') || cursor.seesEnd() ? { direction, nulls } : undefined;
}

function relatedTerm(cursor: Cursor): OrderTerm | undefined {
  const name = fieldName(cursor);
  if (name === undefined || !cursor.read('(')) return undefined;
  const target = field(cursor);
  if (target === undefined || !cursor.read(')')) return undefined;
  const found = ordering(cursor);
  return found === undefined ? undefined : { field: target, relation: { name, hint: null }, ...found };
}

function ownTerm(cursor: Cursor): OrderTerm | undefined {
  const target = field(cursor);
  if (target === undefined) return undefined;
  const found = ordering(cursor);
  return found === undefined ? undefined : { field: target, relation: null, ...found };
}

function term(cursor: Cursor): OrderTerm | undefined {
  blanks(cursor);
  const found = cursor.attempt(relatedTerm) ?? ownTerm(cursor);
  if (found !== undefined) blanks(cursor);
  return found;
}

const comma: Rule<true> = (cursor) => cursor.read(',') || undefined;

/** `name.desc.nullslast,rel(col->>key)` */
export function orderTerms(cursor: Cursor): OrderTerm[] | undefined {
  return cursor.list(term, comma);
}
