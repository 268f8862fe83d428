/** What a database holds, as far as requests can name it. Names are as in the catalogs, unquoted. */

export interface QualifiedName {
  readonly schema: string;
  readonly name: string;
}

/** A key for maps; no identifier holds a NUL. */
export function keyOf({ schema, name }: QualifiedName): string {
  return `${schema}\0${name}`;
}

export interface Column {
  readonly name: string;
  readonly description: string | null;
  /** `format_type` without modifier, the base type of a domain: `character varying`. */
  readonly type: string;
  /** With modifier, and domains by their own name: `character varying(10)`, `public.email`. */
  readonly nominalType: string;
  readonly isNullable: boolean;
  /** Fills itself: generated, or an identity that is always generated. */
  readonly isGenerated: boolean;
  readonly defaultExpression: string | null;
  readonly maxLength: number | null;
  readonly enumValues: readonly string[];
  /** Fields of it are reached as in JSON: a composite or an array. */
  readonly isCompositeOrArray: boolean;
}

export interface Table extends QualifiedName {
  readonly description: string | null;
  readonly isView: boolean;
  readonly isInsertable: boolean;
  readonly isUpdatable: boolean;
  readonly isDeletable: boolean;
  /** Of a view: the columns that stand for the key of its base table. */
  readonly primaryKey: readonly string[];
  /** In the order of the table. */
  readonly columns: ReadonlyMap<string, Column>;
}

/** Columns of one side paired with those of the other. */
export type ColumnPairs = readonly (readonly [near: string, far: string])[];

export interface Junction {
  readonly table: QualifiedName;
  readonly nearConstraint: string;
  readonly farConstraint: string;
  /** Near table's column, junction's column. */
  readonly nearColumns: ColumnPairs;
  /** Far table's column, junction's column. */
  readonly farColumns: ColumnPairs;
}

export type Cardinality =
  | {
      readonly kind: 'many-to-one' | 'one-to-many';
      readonly constraint: string;
      readonly columns: ColumnPairs;
    }
  | {
      readonly kind: 'one-to-one';
      readonly constraint: string;
      readonly columns: ColumnPairs;
      /** The near side is the one that is referenced. */
      readonly isReferenced: boolean;
    }
  | { readonly kind: 'many-to-many'; readonly junction: Junction };

export interface KeyRelationship {
  readonly kind: 'key';
  readonly near: QualifiedName;
  readonly far: QualifiedName;
  readonly isSelf: boolean;
  readonly cardinality: Cardinality;
  readonly isNearView: boolean;
  readonly isFarView: boolean;
}

/** A function that takes a row of the near table and returns rows of the far one. */
export interface ComputedRelationship {
  readonly kind: 'computed';
  readonly near: QualifiedName;
  readonly far: QualifiedName;
  readonly function: QualifiedName;
  readonly isSelf: boolean;
  readonly isToOne: boolean;
}

export type Relationship = ComputedRelationship | KeyRelationship;

export interface Parameter {
  /** Empty: unnamed. */
  readonly name: string;
  /** `format_type`, for the cast of the argument. */
  readonly type: string;
  readonly isRequired: boolean;
  readonly isVariadic: boolean;
}

export interface ReturnType {
  readonly isSet: boolean;
  /** `composite`: rows of a table, a type or OUT parameters; `void`: nothing. */
  readonly kind: 'composite' | 'scalar' | 'void';
  /** The table whose relationships its rows have, or the type. */
  readonly type: QualifiedName;
  /** A composite that is no table: `record` of OUT parameters or `TABLE (…)`. */
  readonly isRecord: boolean;
}

export interface Routine extends QualifiedName {
  readonly description: string | null;
  readonly parameters: readonly Parameter[];
  readonly returns: ReturnType;
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  readonly hasVariadic: boolean;
  /** `SET` clauses of the function, that hold for its whole transaction where the settings say so. */
  readonly settings: readonly (readonly [name: string, value: string])[];
  readonly isolation: string | null;
}

/** A function of one row, that Postgres finds by attribute notation: `row.name`. */
export interface ComputedField {
  /** Found only while its schema is in the search path: the schema of the request, or the extra ones. */
  readonly function: QualifiedName;
  /** `format_type` of what it returns. */
  readonly type: string;
}

/** A cast between a domain and JSON or text that somebody defined: data representations. */
export interface Representation {
  readonly from: string;
  readonly to: string;
  readonly function: QualifiedName;
}

/** An aggregate or function whose result is a body of a media type; `null` target: for any. */
export interface MediaConverter {
  /** As the domain is called: `text/xml`, or `*` + `/*` for any. */
  readonly mediaType: string;
  /** The table or function that it serves; `null`: every one. */
  readonly target: QualifiedName | null;
  readonly function: QualifiedName;
  /** It is an aggregate over the rows, or the function that is called itself. */
  readonly isAggregate: boolean;
}

export interface SchemaCache {
  readonly tables: ReadonlyMap<string, Table>;
  /** By the key of the near table. */
  readonly relationships: ReadonlyMap<string, readonly Relationship[]>;
  /** By key; overloads in the order of their parameter count. */
  readonly routines: ReadonlyMap<string, readonly Routine[]>;
  /** By the key of the table. */
  readonly computedFields?: ReadonlyMap<string, readonly ComputedField[]>;
  readonly representations: readonly Representation[];
  readonly mediaConverters: readonly MediaConverter[];
  readonly timezones: ReadonlySet<string>;
  /** What `ALTER ROLE … SET` gives to the roles that a request can run as, as far as the login may set it. */
  readonly roleSettings?: ReadonlyMap<string, readonly (readonly [name: string, value: string])[]>;
  /** `server_version_num`. */
  readonly serverVersion: number;
  readonly schemaDescriptions: ReadonlyMap<string, string>;
}
