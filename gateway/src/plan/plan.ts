/**
 * What will be done, in terms of things that the schema cache knows: every name in here came out of the cache, or is
 * an alias that will be quoted. Rendering needs no further decision.
 */
import type {
  Aggregate,
  IsValue,
  JoinType,
  MediaType,
  PathStep,
  Payload,
  RowRange,
  SimpleOperator,
  TextSearchOperator,
} from '../request/api-request.ts';
import type {
  ComputedRelationship,
  Junction,
  MediaConverter,
  Parameter,
  QualifiedName,
  Routine,
} from '../schema/schema-cache.ts';

export interface PlannedField {
  /** A column or a computed field; `*` only in a select. */
  readonly name: string;
  /** `*` is the row, and not a column that is called so. */
  readonly isRow?: true;
  readonly path: readonly PathStep[];
  /** As in `Column.type`; empty when the cache does not know it (a computed field). */
  readonly type: string;
  /** The path goes into a composite or an array, so it starts from `to_jsonb`. */
  readonly needsToJson: boolean;
  /** A function of the cache that turns the value into JSON, or text into the value. */
  readonly transform: QualifiedName | null;
}

export interface PlannedSelect {
  /** `*` with the aggregate `count` counts rows; `*` inside a spread's lift is one value for each row. */
  readonly field: PlannedField;
  /** SQL of a type: our own spelling, or as the cache holds it (`castType`). */
  readonly cast: string | null;
  readonly aggregate: Aggregate | null;
  readonly aggregateCast: string | null;
  /** The key in the answer. */
  readonly name: string;
}

export type PlannedOperation =
  | {
      readonly kind: 'simple';
      readonly operator: SimpleOperator;
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
      /** The column is no `tsvector` yet. */
      readonly needsToVector: boolean;
    };

export type PlannedCondition =
  | {
      readonly kind: 'group';
      readonly operator: 'and' | 'or';
      readonly isNegated: boolean;
      readonly children: readonly PlannedCondition[];
    }
  | {
      readonly kind: 'filter';
      readonly field: PlannedField;
      readonly isNegated: boolean;
      readonly operation: PlannedOperation;
    }
  /** Whether an embedded resource has rows: `?clients=is.null` and its negation. */
  | { readonly kind: 'embed-null'; readonly embedAlias: string; readonly isNegated: boolean };

export interface PlannedOrder {
  readonly field: PlannedField;
  /** The alias of the embedded read whose field it is; `null`: the read's own. */
  readonly embedAlias: string | null;
  readonly direction: 'asc' | 'desc' | null;
  readonly nulls: 'first' | 'last' | null;
}

/** `near.column = far.column` by the aliases of the reads. */
export interface JoinCondition {
  readonly nearAlias: string;
  readonly nearColumn: string;
  readonly farAlias: string;
  readonly farColumn: string;
}

export interface ReadPlan {
  /** Unique in the plan: the rows of this read. */
  readonly alias: string;
  readonly from:
    | { readonly kind: 'table'; readonly table: QualifiedName }
    /** The rows that a mutation or a call returned. */
    | { readonly kind: 'source' }
    | {
        readonly kind: 'computed';
        readonly relationship: ComputedRelationship;
        readonly nearAlias: string;
        /** All columns of the near table where its rows come from a source and so are of no type; else `null`. */
        readonly nearColumns: readonly string[] | null;
      };
  readonly select: readonly PlannedSelect[];
  readonly where: readonly PlannedCondition[];
  readonly order: readonly PlannedOrder[];
  readonly range: RowRange;
  readonly embeds: readonly EmbedPlan[];
}

/** A field of a spread that becomes a field of the parent. */
export interface SpreadLift {
  /** Its name in the rows of the spread; `*`: all of them, under their own names. */
  readonly from: string;
  /** The key in the parent's answer. */
  readonly name: string;
  /** Applied by the parent, over its own rows. */
  readonly aggregate: Aggregate | null;
  readonly aggregateCast: string | null;
}

export interface EmbedPlan {
  /** The key in the parent's answer. */
  readonly name: string;
  readonly kind: 'relation' | 'spread';
  readonly join: JoinType;
  readonly isToOne: boolean;
  readonly conditions: readonly JoinCondition[];
  /** Of a many-to-many: stands between the two, under its own alias. */
  readonly junction: { readonly table: Junction['table']; readonly alias: string } | null;
  /** Selected by nothing: it is there for filters only, and its key is left out. */
  readonly isHidden: boolean;
  /** Of a spread; arrays of the values where it is to-many. */
  readonly lifts: readonly SpreadLift[];
  readonly read: ReadPlan;
}

/** A column of a payload, with how its value is turned into the column's type. */
export interface PlannedColumn {
  readonly name: string;
  /** With modifier: `json_to_recordset` needs it. */
  readonly type: string;
  readonly transform: QualifiedName | null;
  /** Used where the payload lacks the key: `Prefer: missing=default`. */
  readonly defaultExpression: string | null;
}

interface MutationBase {
  readonly table: QualifiedName;
  readonly where: readonly PlannedCondition[];
  /** Columns and computed fields that the answer, its embeds and its order need; `*`: all columns. */
  readonly returning: readonly string[];
  /** What is shown of the changed rows; its source is the mutation. */
  readonly read: ReadPlan;
}

export interface InsertPlan extends MutationBase {
  readonly kind: 'insert';
  readonly columns: readonly PlannedColumn[];
  readonly payload: Extract<Payload, { kind: 'json' }>;
  readonly onConflict: {
    readonly columns: readonly string[];
    readonly resolution: 'ignore' | 'merge';
  } | null;
  readonly usesDefaults: boolean;
  /** For `Location` of a single row. */
  readonly primaryKey: readonly string[];
}

export interface UpdatePlan extends MutationBase {
  readonly kind: 'update';
  readonly columns: readonly PlannedColumn[];
  readonly payload: Extract<Payload, { kind: 'json' }>;
  readonly usesDefaults: boolean;
}

export interface DeletePlan extends MutationBase {
  readonly kind: 'delete';
}

export type MutationPlan = DeletePlan | InsertPlan | UpdatePlan;

export interface CallPlan {
  readonly kind: 'call';
  readonly routine: Routine;
  readonly arguments: /** Named, from a JSON object or array; absent ones take their defaults. */
    | {
        readonly kind: 'json';
        readonly text: string;
        /** Then its first element counts. */
        readonly isArray: boolean;
        readonly parameters: readonly Parameter[];
      }
    /** Named, one text for each; several for a variadic one. */
    | {
        readonly kind: 'texts';
        readonly values: readonly { readonly parameter: Parameter; readonly texts: readonly string[] }[];
      }
    /** The one unnamed parameter of type json, jsonb, text, bytea or xml. */
    | { readonly kind: 'body'; readonly parameter: Parameter; readonly payload: Payload | null };
  /** Columns of a composite result that the answer, its embeds, filters and order need; `*`: all of its own. */
  readonly returning: readonly string[];
  readonly read: ReadPlan;
}

export interface ReadOnlyPlan {
  readonly kind: 'read';
  readonly read: ReadPlan;
}

/** How the rows become a body. */
export type BodyForm =
  /** An array, one object, or the scalar that a function returned. */
  | {
      readonly kind: 'json';
      readonly shape: 'array' | 'object' | 'scalar' | 'scalar-array';
      readonly stripsNulls: boolean;
    }
  | { readonly kind: 'csv' }
  | { readonly kind: 'geojson' }
  | { readonly kind: 'handler'; readonly handler: MediaConverter }
  /** `EXPLAIN` instead of the rows. */
  | {
      readonly kind: 'explain';
      readonly of: BodyForm;
      readonly format: 'json' | 'text';
      readonly options: readonly ('analyze' | 'buffers' | 'settings' | 'verbose' | 'wal')[];
    }
  | { readonly kind: 'none' };

export type Plan = (CallPlan | MutationPlan | ReadOnlyPlan) & {
  readonly body: BodyForm;
  /** Of the answer. */
  readonly mediaType: MediaType;
  readonly count: 'estimated' | 'exact' | 'planned' | null;
  readonly maxAffected: number | null;
  readonly access: 'read only' | 'read write';
  readonly isolation: string | null;
};
