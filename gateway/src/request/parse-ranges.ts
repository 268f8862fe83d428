import { RestFault } from '../fault.ts';
import type { At, EmbedPath, RowRange } from './api-request.ts';

/** Rows from `first` to `last`, both included; `Infinity`: to the end. Empty where `last` is before `first`. */
export interface Interval {
  readonly first: number;
  readonly last: number;
}

export const ALL_ROWS: Interval = { first: 0, last: Number.POSITIVE_INFINITY };

type Pair = readonly [name: string, value: string];

export interface RequestedRanges {
  readonly root: Interval;
  readonly embedded: readonly At<RowRange>[];
}

const INTEGER = /^\s*(-?\d+)\s*$/;
const RANGE_HEADER = /^(\d+)-(\d*)$/;

/** Larger numbers than JavaScript counts exactly would not be shorter answers. */
function parseInteger(text: string): number | null {
  const digits = INTEGER.exec(text)?.[1];
  if (digits === undefined) return null;
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number(digits), Number.MAX_SAFE_INTEGER));
}

function rangeFault(details: string): RestFault {
  return new RestFault(416, 'PGRST103', 'Requested range not satisfiable', { details });
}

const negativeLimit = 'Limit should be greater than or equal to zero.';
const lowerAboveUpper =
  'The lower boundary must be lower than or equal to the upper boundary in the Range header.';

function isEmpty({ first, last }: Interval): boolean {
  return last < first;
}

function intersection(one: Interval, other: Interval): Interval {
  return { first: Math.max(one.first, other.first), last: Math.min(one.last, other.last) };
}

function intervalOf(limit: string | undefined, offset: string | undefined): Interval {
  const first = (offset === undefined ? null : parseInteger(offset)) ?? 0;
  const count = limit === undefined ? null : parseInteger(limit);
  return { first, last: count === null ? Number.POSITIVE_INFINITY : first + count - 1 };
}

function rowRange({ first, last }: Interval): RowRange {
  const limit = last === Number.POSITIVE_INFINITY ? null : last - first + 1;
  return { limit, offset: Math.max(0, first) };
}

/** The names without their last word, each with the value that came last. */
function byOwner(pairs: readonly Pair[]): Map<string, string> {
  return new Map(pairs.map(([name, value]) => [name.slice(0, name.lastIndexOf('.') + 1), value]));
}

/** Pairs `rel.limit` with `rel.offset`. A value that is no number counts as absent. Throws 416 PGRST103. */
export function rangesOf(
  limits: readonly Pair[],
  offsets: readonly Pair[],
  parsePath: (name: string) => EmbedPath,
): RequestedRanges {
  if (limits.length === 0 && offsets.length === 0) return { root: ALL_ROWS, embedded: [] };
  const limitOf = byOwner(limits);
  const offsetOf = byOwner(offsets);
  let root = ALL_ROWS;
  const embedded: At<RowRange>[] = [];
  for (const owner of new Set([...limitOf.keys(), ...offsetOf.keys()])) {
    const interval = intervalOf(limitOf.get(owner), offsetOf.get(owner));
    if (owner === '') {
      root = interval;
      continue;
    }
    // Postgres would refuse a negative LIMIT with an error of its own.
    if (interval.last < interval.first - 1) throw rangeFault(negativeLimit);
    embedded.push({ path: parsePath(`${owner}limit`), value: rowRange(interval) });
  }
  return { root, embedded };
}

function headerInterval(header: string | undefined): Interval {
  const match = header === undefined ? null : RANGE_HEADER.exec(header);
  if (match === null) return ALL_ROWS;
  const last = match[2] ? (parseInteger(match[2]) ?? 0) : Number.POSITIVE_INFINITY;
  return { first: parseInteger(match[1] ?? '') ?? 0, last };
}

/**
 * The rows of the root: what `limit`/`offset` and, for GET, the `Range` header have in common. Throws 416 PGRST103
 * when nothing is in common, unless no row was asked for (`limit=0`), and 400 PGRST114 for any range with PUT.
 */
export function rootRange(method: string, requested: Interval, rangeHeader: string | undefined): RowRange {
  if (requested.last === -1) {
    if (method === 'PUT') throw rangeOnPut();
    return { limit: 0, offset: 0 };
  }
  const header = method === 'GET' ? headerInterval(rangeHeader) : ALL_ROWS;
  const common = intersection(intersection(requested, ALL_ROWS), header);
  if (isEmpty(common)) throw rangeFault(isEmpty(header) ? lowerAboveUpper : negativeLimit);
  if (method === 'PUT' && (common.first !== 0 || common.last !== Number.POSITIVE_INFINITY))
    throw rangeOnPut();
  return rowRange(common);
}

function rangeOnPut(): RestFault {
  return new RestFault(400, 'PGRST114', 'limit/offset querystring parameters are not allowed for PUT');
}
