import type {
  At,
  EmbedPath,
  FieldRef,
  Filter,
  LogicTree,
  OrderTerm,
  Query,
  SelectItem,
} from '../api-request.ts';
import { type RequestedRanges, rangesOf } from '../parse-ranges.ts';
import type { Cursor } from './cursor.ts';
import { delimiter, fieldName, jsonPath, spaced } from './field-grammar.ts';
import { type Condition, condition } from './filter-grammar.ts';
import { logicPath, logicTree } from './logic-grammar.ts';
import { orderTerms } from './order-grammar.ts';
import { parseText } from './query-fault.ts';
import { selection } from './select-grammar.ts';
import { canonicalQuery, type Parameter, splitQuery } from './split-query.ts';

type Pair = readonly [name: string, value: string];

/** Parameters by what they mean, which their last word says. */
interface SortedParameters {
  readonly order: Pair[];
  readonly logic: Pair[];
  readonly limits: Pair[];
  readonly offsets: Pair[];
  readonly filters: Pair[];
}

const SINGLE_NAMES = new Set(['columns', 'on_conflict', 'select']);
const STAR: readonly SelectItem[] = [
  {
    kind: 'field',
    field: { name: '*', path: [] },
    alias: null,
    cast: null,
    aggregate: null,
    aggregateCast: null,
  },
];

function kindOf(name: string): keyof SortedParameters {
  switch (name.slice(name.lastIndexOf('.') + 1)) {
    case 'order':
      return 'order';
    case 'and':
    case 'or':
      return 'logic';
    case 'limit':
      return 'limits';
    case 'offset':
      return 'offsets';
    default:
      return 'filters';
  }
}

function sortParameters(parameters: readonly Parameter[]): SortedParameters {
  const sorted: SortedParameters = { order: [], logic: [], limits: [], offsets: [], filters: [] };
  for (const [name, value] of parameters) {
    if (value !== null && !SINGLE_NAMES.has(name)) sorted[kindOf(name)].push([name, value]);
  }
  return sorted;
}

/** The first one counts, and only when it has a value. */
function singleValue(parameters: readonly Parameter[], wanted: string): string | null {
  return parameters.find(([name]) => name === wanted)?.[1] ?? null;
}

interface TreePath {
  readonly path: EmbedPath;
  readonly field: FieldRef;
}

/** `rel.sub.column->key` */
function treePath(cursor: Cursor): TreePath | undefined {
  const names = cursor.list(fieldName, delimiter);
  if (names === undefined) return undefined;
  const path = jsonPath(cursor);
  if (path === undefined) return undefined;
  return { path: names.slice(0, -1), field: { name: names.at(-1) ?? '', path } };
}

function parseTreePath(name: string): TreePath {
  return parseText(`failed to parse tree path (${name})`, name, treePath);
}

function parseOrder([name, value]: Pair): At<readonly OrderTerm[]> {
  const { path } = parseTreePath(name);
  return { path, value: parseText(`failed to parse order (${value})`, value, orderTerms) };
}

function parseLogic([name, value]: Pair): At<LogicTree> {
  const { path, operator } = parseText(`failed to parse logic path (${name})`, name, logicPath);
  const subject = `failed to parse logic tree (${value})`;
  return { path, value: parseText(subject, operator + value, logicTree) };
}

const comma = spaced(',');

function names(cursor: Cursor): string[] | undefined {
  return cursor.list(fieldName, comma);
}

function parseNames(parameter: string, value: string | null): readonly string[] | null {
  if (value === null) return null;
  const found = parseText(`failed to parse ${parameter} parameter (${value})`, value, names);
  return [...new Set(found)];
}

function parseSelect(value: string | null): readonly SelectItem[] {
  if (value === null) return STAR;
  return parseText(`failed to parse select parameter (${value})`, value, selection);
}

/** `null`: no operator at all, so an argument of the function that is called. */
function conditionOrArgument(cursor: Cursor): { readonly found: Condition | null } | undefined {
  const found = cursor.optional(condition);
  return found === undefined ? undefined : { found };
}

interface FiltersAndArguments {
  readonly filters: At<Filter>[];
  readonly args: (readonly [name: string, value: string])[];
}

function parseFilters(pairs: readonly Pair[], takesArguments: boolean): FiltersAndArguments {
  const result: FiltersAndArguments = { filters: [], args: [] };
  for (const [name, value] of pairs) {
    const { path, field } = parseTreePath(name);
    const subject = `failed to parse filter (${value})`;
    const found = takesArguments
      ? parseText(subject, value, conditionOrArgument).found
      : parseText(subject, value, condition);
    if (found === null) result.args.push([field.name, value]);
    else result.filters.push({ path, value: { field, ...found } });
  }
  return result;
}

export interface ParsedQuery {
  /** Without ranges of the root. */
  readonly query: Query;
  /** `limit` and `offset` of the root, not yet checked. */
  readonly rootRange: RequestedRanges['root'];
}

/**
 * Parses a query string, without its `?`. `takesArguments`: a function is called by GET, so what has no operator is
 * an argument. Throws 400 PGRST100, 416 PGRST103.
 */
export function parseQuery(text: string, takesArguments: boolean): ParsedQuery {
  const parameters = splitQuery(text);
  const sorted = sortParameters(parameters);
  // In this order, so that of several mistakes the same one is told as by PostgREST.
  const order = sorted.order.map(parseOrder);
  const logic = sorted.logic.map(parseLogic);
  const columns = parseNames('columns', singleValue(parameters, 'columns'));
  const select = parseSelect(singleValue(parameters, 'select'));
  const { filters, args } = parseFilters(sorted.filters, takesArguments);
  const onConflict = parseNames('on_conflict', singleValue(parameters, 'on_conflict'));
  const ranges = rangesOf(sorted.limits, sorted.offsets, (name) => parseTreePath(name).path);
  const canonical = canonicalQuery(parameters);
  return {
    query: { select, filters, logic, order, ranges: ranges.embedded, columns, onConflict, args, canonical },
    rootRange: ranges.root,
  };
}
