/** A request as it was meant, before anything is known of the database. */

/** One step into JSON or a composite: `->key`, `->>key`, `->0`. */
export interface PathStep {
  readonly arrow: '->' | '->>';
  readonly operand: string;
  /** The operand is a whole number, for an array. */
  readonly isIndex: boolean;
}

export interface FieldRef {
  /** `*` only in a select. */
  readonly name: string;
  readonly path: readonly PathStep[];
}

export type Aggregate = 'avg' | 'count' | 'max' | 'min' | 'sum';
export type JoinType = 'inner' | 'left';

export interface SelectedField {
  readonly kind: 'field';
  readonly field: FieldRef;
  readonly alias: string | null;
  readonly cast: string | null;
  readonly aggregate: Aggregate | null;
  readonly aggregateCast: string | null;
}

/** Another resource inside this one; `spread` lifts its fields into the parent. */
export interface SelectedRelation {
  readonly kind: 'relation' | 'spread';
  readonly name: string;
  readonly alias: string | null;
  /** A constraint, a column or a junction that tells relationships apart. */
  readonly hint: string | null;
  readonly join: JoinType | null;
  readonly children: readonly SelectItem[];
}

export type SelectItem = SelectedField | SelectedRelation;

/** Operators that take one value. */
export type SimpleOperator =
  | 'adj'
  | 'cd'
  | 'cs'
  | 'eq'
  | 'gt'
  | 'gte'
  | 'ilike'
  | 'imatch'
  | 'isdistinct'
  | 'like'
  | 'lt'
  | 'lte'
  | 'match'
  | 'neq'
  | 'nxl'
  | 'nxr'
  | 'ov'
  | 'sl'
  | 'sr';
export type TextSearchOperator = 'fts' | 'phfts' | 'plfts' | 'wfts';
export type IsValue = 'false' | 'not_null' | 'null' | 'true' | 'unknown';

export type Operation =
  | {
      readonly kind: 'simple';
      readonly operator: SimpleOperator;
      /** The value is then a Postgres array literal, such as `{a,b}`. */
      readonly quantifier: 'all' | 'any' | null;
      readonly value: string;
    }
  | { readonly kind: 'in'; readonly values: readonly string[] }
  | { readonly kind: 'is'; readonly value: IsValue }
  | {
      readonly kind: 'text-search';
      readonly operator: TextSearchOperator;
      readonly language: string | null;
      readonly value: string;
    };

export interface Filter {
  readonly field: FieldRef;
  readonly isNegated: boolean;
  readonly operation: Operation;
}

export type LogicTree =
  | {
      readonly kind: 'group';
      readonly operator: 'and' | 'or';
      readonly isNegated: boolean;
      readonly children: readonly LogicTree[];
    }
  | { readonly kind: 'filter'; readonly filter: Filter };

export interface OrderTerm {
  readonly field: FieldRef;
  /** Orders by a field of a to-one relation. */
  readonly relation: { readonly name: string; readonly hint: string | null } | null;
  readonly direction: 'asc' | 'desc' | null;
  readonly nulls: 'first' | 'last' | null;
}

/** Names or aliases of embedded resources, from the root down; empty: the root. */
export type EmbedPath = readonly string[];

export interface At<T> {
  readonly path: EmbedPath;
  readonly value: T;
}

export interface RowRange {
  /** `null`: no limit. */
  readonly limit: number | null;
  readonly offset: number;
}

/** The query string. */
export interface Query {
  readonly select: readonly SelectItem[];
  readonly filters: readonly At<Filter>[];
  readonly logic: readonly At<LogicTree>[];
  readonly order: readonly At<readonly OrderTerm[]>[];
  readonly ranges: readonly At<RowRange>[];
  /** Keys of the payload that count; `null`: all of the first row. */
  readonly columns: readonly string[] | null;
  readonly onConflict: readonly string[] | null;
  /** Arguments of a function that is called by GET, in their order; repeated names stay. */
  readonly args: readonly (readonly [name: string, value: string])[];
  /** Sorted and encoded again, for `Content-Location`. */
  readonly canonical: string;
}

export interface Preferences {
  readonly resolution: 'ignore-duplicates' | 'merge-duplicates' | null;
  readonly representation: 'full' | 'headers-only' | 'none' | null;
  readonly count: 'estimated' | 'exact' | 'planned' | null;
  readonly transaction: 'commit' | 'rollback' | null;
  readonly missing: 'default' | 'null' | null;
  readonly handling: 'lenient' | 'strict' | null;
  readonly timezone: string | null;
  readonly maxAffected: number | null;
  /** What is none of these, as it came. */
  readonly invalid: readonly string[];
}

/** A media type of `Accept` or `Content-Type`. */
export interface MediaType {
  /** Lower case, without parameters: `application/vnd.pgrst.object+json`. */
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** What the body holds; its text goes to Postgres as a parameter. */
export type Payload =
  | {
      readonly kind: 'json';
      /** JSON: an array of objects, or one object. */
      readonly text: string;
      readonly isArray: boolean;
      /** Keys of the rows; of the first one where they differ. */
      readonly keys: readonly string[];
    }
  | { readonly kind: 'form'; readonly fields: readonly (readonly [name: string, value: string])[] }
  /** One unnamed argument of a function. */
  | { readonly kind: 'raw'; readonly bytes: Buffer };

export type Target =
  | { readonly kind: 'root' }
  | { readonly kind: 'table'; readonly name: string }
  | { readonly kind: 'function'; readonly name: string };

export type Action =
  | 'call'
  | 'delete'
  | 'describe'
  | 'insert'
  | 'inspect'
  | 'read'
  | 'single-upsert'
  | 'update';

export interface ApiRequest {
  readonly method: string;
  /** As the client sees it, without query. */
  readonly path: string;
  readonly target: Target;
  readonly action: Action;
  /** HEAD: the same, without a body. */
  readonly isHead: boolean;
  /** The exposed schema that the profile names, or the first one. */
  readonly schema: string;
  /** The profile was named, so the answer names it too. */
  readonly isSchemaNegotiated: boolean;
  readonly query: Query;
  readonly preferences: Preferences;
  /** Best first; never empty. */
  readonly accept: readonly MediaType[];
  readonly contentType: MediaType;
  readonly payload: Payload | null;
  /** `Range` and `limit`/`offset` of the root, whichever is narrower. */
  readonly range: RowRange;
  /** Lower-case names, for `request.headers`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: Readonly<Record<string, string>>;
}
