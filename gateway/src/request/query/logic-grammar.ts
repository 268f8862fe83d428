import type { EmbedPath, Filter, LogicTree } from '../api-request.ts';
import type { Cursor } from './cursor.ts';
import { delimiter, field, fieldName, spaced } from './field-grammar.ts';
import { enclosedCondition } from './filter-grammar.ts';
import { checkDepth } from './query-fault.ts';

function filter(cursor: Cursor): Filter | undefined {
  const target = field(cursor);
  if (target === undefined || !delimiter(cursor)) return undefined;
  const found = enclosedCondition(cursor);
  return found === undefined ? undefined : { field: target, ...found };
}

function negation(cursor: Cursor): true | undefined {
  return cursor.named('negation operator (not)', (inner) =>
    inner.attempt((both) => (both.read('not') && delimiter(both)) || undefined),
  );
}

function logicOperator(cursor: Cursor): 'and' | 'or' | undefined {
  return cursor.named('logic operator (and, or)', (inner) => {
    if (inner.attempt((both) => both.read('and') || undefined)) return 'and';
    return inner.read('or') ? 'or' : undefined;
  });
}

const comma = spaced(',');
const opening = spaced('(');
const closing = spaced(')');

function group(cursor: Cursor, depth: number): LogicTree | undefined {
  checkDepth('failed to parse logic tree', cursor, depth);
  const isNegated = negation(cursor) ?? false;
  const operator = logicOperator(cursor);
  if (operator === undefined || !opening(cursor)) return undefined;
  const children = cursor.list((inner) => tree(inner, depth + 1), comma);
  if (children === undefined || !closing(cursor)) return undefined;
  return { kind: 'group', operator, isNegated, children };
}

function tree(cursor: Cursor, depth: number): LogicTree | undefined {
  const found = cursor.attempt(filter);
  return found === undefined ? group(cursor, depth) : { kind: 'filter', filter: found };
}

/** `and(a.eq.1,not.or(b.gt.2,c.is.null))` */
export function logicTree(cursor: Cursor): LogicTree | undefined {
  return tree(cursor, 0);
}

/** The name of a parameter: `or`, `not.and`, `rel.sub.not.or`. */
export function logicPath(cursor: Cursor): { path: EmbedPath; operator: string } | undefined {
  const names = cursor.list(fieldName, delimiter);
  if (names === undefined) return undefined;
  const operator = names.at(-1) ?? '';
  const path = names.slice(0, -1).filter((name) => name !== 'not');
  return { path, operator: names.includes('not') ? `not.${operator}` : operator };
}
