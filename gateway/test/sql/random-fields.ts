/** Random fields, values and filters for tables that exist. */
import fc from 'fast-check';
import type {
  FieldRef,
  Filter,
  Operation,
  PathStep,
  SelectedField,
  SimpleOperator,
} from '../../src/request/api-request.ts';
import type { Table } from '../../src/schema/schema-cache.ts';

const SIMPLE: readonly SimpleOperator[] = [
  ...([
    'adj',
    'cd',
    'cs',
    'eq',
    'gt',
    'gte',
    'ilike',
    'imatch',
    'isdistinct',
    'like',
    'lt',
    'lte',
    'match',
  ] as const),
  ...(['neq', 'nxl', 'nxr', 'ov', 'sl', 'sr'] as const),
];
const VALUES = [
  '1',
  'a',
  '',
  '{1}',
  '{a,"b c"}',
  '[1,2)',
  '2024-01-01',
  'true',
  "'",
  '"\\',
  '*%_',
  '{"a":1}',
  '(1,2,cm)',
];
const CASTS = ['text', 'text', 'text', 'varchar', 'int', 'mood'];
const AGGREGATES = ['count', 'count', 'count', 'count', 'avg', 'max', 'min', 'sum'] as const;

const value = fc
  .oneof({ weight: 4, arbitrary: fc.constantFrom(...VALUES) }, { weight: 1, arbitrary: fc.string() })
  .filter((text) => !text.includes('\0'));
const step: fc.Arbitrary<PathStep> = fc.oneof(
  fc.record({
    arrow: fc.constantFrom('->', '->>'),
    operand: fc.constantFrom('a', "'; --", 'width'),
    isIndex: fc.constant(false),
  }),
  fc.record({
    arrow: fc.constantFrom('->', '->>'),
    operand: fc.constantFrom('0', '-1'),
    isIndex: fc.constant(true),
  }),
);

const isNull = fc.record({
  kind: fc.constant('is' as const),
  value: fc.constantFrom('null' as const, 'not_null' as const),
});
const anyOperation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    kind: fc.constant('simple' as const),
    operator: fc.constantFrom(...SIMPLE),
    quantifier: fc.constant(null),
    value,
  }),
  fc.record({
    kind: fc.constant('simple' as const),
    operator: fc.constantFrom('eq', 'like', 'gt', 'match'),
    quantifier: fc.constantFrom('all', 'any'),
    value: fc.constantFrom('{}', '{1,2}', '{a*}', 'x'),
  }),
  fc.record({ kind: fc.constant('in' as const), values: fc.array(value, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('is' as const), value: fc.constantFrom('true', 'false', 'unknown') }),
  fc.record({
    kind: fc.constant('text-search' as const),
    operator: fc.constantFrom('fts', 'phfts', 'plfts', 'wfts'),
    language: fc.constantFrom(null, 'english', 'nope'),
    value,
  }),
);
const numberOperation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    kind: fc.constant('simple' as const),
    operator: fc.constantFrom('eq', 'gt', 'gte', 'isdistinct', 'lt', 'lte', 'neq'),
    quantifier: fc.constant(null),
    value: fc.constantFrom('1', '2', '3'),
  }),
  fc.constant<Operation>({ kind: 'in', values: ['1', '3'] }),
);

/** What most types have, and now and then anything. */
export function filterOn(table: Table): fc.Arbitrary<Filter> {
  return field(table).chain((one) => {
    const isNumber = one.path.length === 0 && table.columns.get(one.name)?.type === 'integer';
    const fitting = isNumber ? numberOperation : isNull;
    return fc.record({
      field: fc.constant(one),
      isNegated: fc.boolean(),
      operation: fc.oneof({ weight: 5, arbitrary: fitting }, { weight: 1, arbitrary: anyOperation }),
    });
  });
}

/** Paths mostly go into what has arrows. */
export function field(table: Table): fc.Arbitrary<FieldRef> {
  const columns = [...table.columns.values()];
  if (columns.length === 0) return fc.constant({ name: 'tableoid', path: [] });
  return fc.constantFrom(...columns).chain(({ name, type, isCompositeOrArray }) => {
    const isNested = isCompositeOrArray || type.startsWith('json');
    const path = fc.array(step, { maxLength: 2 });
    const none = fc.constant<PathStep[]>([]);
    const weight = isNested ? 1 : 30;
    return fc.record({
      name: fc.constant(name),
      path: fc.oneof({ weight, arbitrary: none }, { weight: 1, arbitrary: path }),
    });
  });
}

export function selected(table: Table): fc.Arbitrary<SelectedField> {
  const star: SelectedField = {
    ...{ kind: 'field', field: { name: '*', path: [] }, alias: null, cast: null },
    ...{ aggregate: null, aggregateCast: null },
  };
  const named = fc.record({
    kind: fc.constant('field' as const),
    field: field(table),
    alias: fc.constantFrom(null, null, 'x', 'r', 'rows', 'o1', 's1', 'a"b'),
    cast: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, fc.constantFrom(...CASTS)),
    aggregate: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, fc.constantFrom(...AGGREGATES)),
    aggregateCast: fc.constant(null),
  });
  const countAll = fc.constant<SelectedField>({ ...star, aggregate: 'count' });
  return fc.oneof(
    { weight: 5, arbitrary: named },
    { weight: 2, arbitrary: fc.constant(star) },
    { weight: 1, arbitrary: countAll },
  );
}
