import type { Aggregate, JoinType, SelectedField, SelectedRelation, SelectItem } from '../api-request.ts';
import type { Cursor, Rule } from './cursor.ts';
import { blanks, field, fieldName, identifier, spaced } from './field-grammar.ts';
import { checkDepth } from './query-fault.ts';

function aliasSeparator(cursor: Cursor): true | undefined {
  return (cursor.read(':') && cursor.lacks(':')) || undefined;
}

function alias(cursor: Cursor): string | null {
  const found = cursor.attempt((inner) => {
    const name = fieldName(inner);
    return name !== undefined && aliasSeparator(inner) ? name : undefined;
  });
  return found ?? null;
}

type EmbedParameter = { readonly join: JoinType } | { readonly hint: string };

const JOIN_TYPES: readonly JoinType[] = ['left', 'inner'];

function embedParameter(cursor: Cursor): EmbedParameter | undefined {
  if (!cursor.read('!')) return undefined;
  for (const join of JOIN_TYPES) {
    if (cursor.attempt((inner) => inner.read(join) || undefined)) return { join };
  }
  const hint = cursor.attempt(fieldName);
  return hint === undefined ? undefined : { hint };
}

/** `!hint`, `!inner`, both in any order, or none. Of two hints or two joins the first counts. */
function embedParameters(cursor: Cursor): Pick<SelectedRelation, 'hint' | 'join'> | undefined {
  let hint: string | null = null;
  let join: JoinType | null = null;
  for (let count = 0; count < 2; count += 1) {
    const found = cursor.optional(embedParameter);
    if (found === undefined) return undefined;
    if (found === null) break;
    if ('hint' in found) hint ??= found.hint;
    else join ??= found.join;
  }
  return { hint, join };
}

type RelationHead = Omit<SelectedRelation, 'children'>;

function relationHead(cursor: Cursor, kind: RelationHead['kind']): RelationHead | undefined {
  const name = fieldName(cursor);
  // `count(…)` is the aggregate, never a relation.
  if (name === undefined || (kind === 'relation' && name === 'count')) return undefined;
  const parameters = embedParameters(cursor);
  if (parameters === undefined || !cursor.sees('(')) return undefined;
  blanks(cursor);
  return { kind, name, alias: null, ...parameters };
}

function spreadHead(cursor: Cursor): RelationHead | undefined {
  blanks(cursor);
  return cursor.read('...') ? relationHead(cursor, 'spread') : undefined;
}

function namedHead(cursor: Cursor): RelationHead | undefined {
  blanks(cursor);
  const found = alias(cursor);
  const head = relationHead(cursor, 'relation');
  return head === undefined ? undefined : { ...head, alias: found };
}

function itemEnd(cursor: Cursor): boolean {
  return cursor.sees(')') || cursor.sees(',') || cursor.seesEnd();
}

/** `undefined`: it began and was wrong. */
function cast(cursor: Cursor): string | null | undefined {
  return cursor.optional((inner) => (inner.read('::') ? identifier(inner) : undefined));
}

function star(cursor: Cursor): SelectedField | undefined {
  if (!cursor.read('*') || !itemEnd(cursor)) return undefined;
  return plainField('*', null);
}

function plainField(name: string, found: string | null): SelectedField {
  const target = { name, path: [] };
  return { kind: 'field', field: target, alias: found, cast: null, aggregate: null, aggregateCast: null };
}

function countAll(cursor: Cursor): SelectedField | undefined {
  const found = alias(cursor);
  if (!cursor.read('count()')) return undefined;
  const aggregateCast = cast(cursor);
  if (aggregateCast === undefined || !itemEnd(cursor)) return undefined;
  return { ...plainField('*', found), aggregate: 'count', aggregateCast };
}

/** Where a longer name begins like a shorter one, both are tried. */
const AGGREGATES: readonly Rule<Aggregate>[] = (['sum', 'avg', 'count', 'max', 'min'] as const).map(
  (name) => (cursor) =>
    name === 'max' || name === 'min'
      ? cursor.attempt((inner) => (inner.read(name) ? name : undefined))
      : cursor.read(name)
        ? name
        : undefined,
);

function aggregateOf(cursor: Cursor): Aggregate | null {
  const found = cursor.attempt((inner) => {
    if (!inner.read('.')) return undefined;
    const name = inner.either(AGGREGATES);
    return name !== undefined && inner.read('()') ? name : undefined;
  });
  return found ?? null;
}

function column(cursor: Cursor): SelectedField | undefined {
  const found = alias(cursor);
  const target = field(cursor);
  if (target === undefined) return undefined;
  const valueCast = cast(cursor);
  if (valueCast === undefined) return undefined;
  const aggregate = aggregateOf(cursor);
  const aggregateCast = cast(cursor);
  if (aggregateCast === undefined || !itemEnd(cursor)) return undefined;
  return { kind: 'field', field: target, alias: found, cast: valueCast, aggregate, aggregateCast };
}

function selectedField(cursor: Cursor): SelectedField | undefined {
  blanks(cursor);
  const found = cursor.attempt(star) ?? cursor.attempt(countAll) ?? column(cursor);
  if (found !== undefined) blanks(cursor);
  return found;
}

function children(cursor: Cursor, depth: number): SelectItem[] | undefined {
  checkDepth('failed to parse select parameter', cursor, depth);
  if (!cursor.read('(')) return undefined;
  const items = itemList(cursor, depth + 1);
  return items !== undefined && cursor.read(')') ? items : undefined;
}

function selectItem(cursor: Cursor, depth: number): SelectItem | undefined {
  const head = cursor.attempt(spreadHead) ?? cursor.attempt(namedHead);
  if (head === undefined) return selectedField(cursor);
  const found = children(cursor, depth);
  return found === undefined ? undefined : { ...head, children: found };
}

const comma = spaced(',');

function itemList(cursor: Cursor, depth: number): SelectItem[] | undefined {
  const items = cursor.optional((inner) => inner.list((item) => selectItem(item, depth), comma));
  return items === null ? [] : items;
}

/** `id,name:title::text,rel!inner(*),...other(a),amount.sum()`; an empty text selects nothing. */
export function selection(cursor: Cursor): SelectItem[] | undefined {
  return itemList(cursor, 0);
}
