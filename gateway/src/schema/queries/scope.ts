import pg from 'pg';

/** The schemas that a load looks at, as SQL: array literals of their names. */
export interface Scope {
  /** Those that requests can name. */
  readonly exposed: string;
  /** These and the extra search path: views in there may stand between an exposed view and its tables. */
  readonly searched: string;
}

export function scopeOf(exposed: readonly string[], extraSearchPath: readonly string[]): Scope {
  return { exposed: arrayLiteral(exposed), searched: arrayLiteral([...exposed, ...extraSearchPath]) };
}

function arrayLiteral(names: readonly string[]): string {
  return `ARRAY[${names.map((name) => pg.escapeLiteral(name)).join(', ')}]::pg_catalog.name[]`;
}
