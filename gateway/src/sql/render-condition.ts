import type { PlannedCondition, PlannedField, PlannedOperation } from '../plan/plan.ts';
import type { SimpleOperator, TextSearchOperator } from '../request/api-request.ts';
import { arrayLiteral, quoteQualified } from './quote.ts';
import { renderField } from './render-field.ts';
import type { Values } from './values.ts';

/** Says whether an embedded resource of the rows is missing; `alias` is the one of its read. */
export type EmbedIsNull = (alias: string) => string;

const OPERATORS: Readonly<Record<SimpleOperator, string>> = {
  adj: '-|-',
  cd: '<@',
  cs: '@>',
  eq: '=',
  gt: '>',
  gte: '>=',
  ilike: 'ILIKE',
  imatch: '~*',
  isdistinct: 'IS DISTINCT FROM',
  like: 'LIKE',
  lt: '<',
  lte: '<=',
  match: '~',
  neq: '<>',
  nxl: '&>',
  nxr: '&<',
  ov: '&&',
  sl: '<<',
  sr: '>>',
};

const TEXT_SEARCH: Readonly<Record<TextSearchOperator, string>> = {
  fts: 'to_tsquery',
  phfts: 'phraseto_tsquery',
  plfts: 'plainto_tsquery',
  wfts: 'websearch_to_tsquery',
};

const IS_VALUES = {
  false: 'FALSE',
  not_null: 'NOT NULL',
  null: 'NULL',
  true: 'TRUE',
  unknown: 'UNKNOWN',
} as const;

/** All of the conditions on the rows called `alias`, joined by AND; empty without any. */
export function renderConditions(
  conditions: readonly PlannedCondition[],
  alias: string,
  into: Values,
  embedIsNull: EmbedIsNull = noEmbeds,
): string {
  return conditions.map((one) => renderCondition(one, alias, into, embedIsNull)).join(' AND ');
}

function noEmbeds(alias: string): never {
  throw new Error(`No embedded resource stands beside these conditions: ${alias}`);
}

function renderCondition(
  condition: PlannedCondition,
  alias: string,
  into: Values,
  embedIsNull: EmbedIsNull,
): string {
  switch (condition.kind) {
    case 'embed-null':
      return negate(condition.isNegated, embedIsNull(condition.embedAlias));
    case 'filter':
      return negate(condition.isNegated, renderOperation(condition.operation, condition.field, alias, into));
    case 'group': {
      const parts = condition.children.map((child) => renderCondition(child, alias, into, embedIsNull));
      return negate(condition.isNegated, `(${parts.join(condition.operator === 'and' ? ' AND ' : ' OR ')})`);
    }
  }
}

function negate(isNegated: boolean, sql: string): string {
  return isNegated ? `NOT (${sql})` : sql;
}

function renderOperation(
  operation: PlannedOperation,
  field: PlannedField,
  alias: string,
  into: Values,
): string {
  const left = renderField(field, alias, into);
  switch (operation.kind) {
    case 'is':
      return `${left} IS ${IS_VALUES[operation.value]}`;
    case 'in':
      return `${left} = ANY(${renderElements(operation.values, field, into)})`;
    case 'text-search':
      return renderTextSearch(operation, left, into);
    case 'simple': {
      const { operator, quantifier, value } = operation;
      const right = renderValue(operator, value, field, into);
      const compared = quantifier === null ? right : `${quantifier.toUpperCase()}(${right})`;
      return `${left} ${OPERATORS[operator]} ${compared}`;
    }
  }
}

/** A bare parameter takes its type from the other side, so a wrong text is an error of that type's input. */
function renderValue(operator: SimpleOperator, value: string, field: PlannedField, into: Values): string {
  if (operator === 'like' || operator === 'ilike') return into.add(value.replaceAll('*', '%'));
  return transformed(value, field, into) ?? into.add(value);
}

function renderElements(values: readonly string[], field: PlannedField, into: Values): string {
  // `in.()` asks for nothing.
  const isEmpty = values.length === 0 || (values.length === 1 && values[0] === '');
  if (isEmpty) return into.add('{}');
  const elements = values.map((value) => transformed(value, field, into));
  return elements.includes(null) ? into.add(arrayLiteral(values)) : `ARRAY[${elements.join(', ')}]`;
}

function transformed(value: string, { transform }: PlannedField, into: Values): string | null {
  return transform === null ? null : `${quoteQualified(transform)}(${into.add(value)}::text)`;
}

function renderTextSearch(
  operation: Extract<PlannedOperation, { kind: 'text-search' }>,
  left: string,
  into: Values,
): string {
  const { operator, language, value, needsToVector } = operation;
  const configuration = language === null ? '' : `${into.addShared(language, 'regconfig')}, `;
  const vector = needsToVector ? `to_tsvector(${configuration}${left})` : left;
  return `${vector} @@ ${TEXT_SEARCH[operator]}(${configuration}${into.add(value)})`;
}
