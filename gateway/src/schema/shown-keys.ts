/** Which views show which columns of which tables, under which names. */
import type { Column } from './schema-cache.ts';
import type { ColumnOrigin } from './view-columns.ts';

/** An exposed table or view, with its number in the catalog. */
export interface Relation {
  readonly id: number;
  readonly schema: string;
  readonly name: string;
  readonly isView: boolean;
  readonly columnNames: ReadonlyMap<number, Column['name']>;
}

/** A relation that has all columns of a key, and their names there, in the order of the key. */
export interface Showing {
  readonly relation: Relation;
  readonly columns: readonly string[];
}

/** A view that repeats the columns of a key shows it several times; more often than this is an attack on us. */
const MAX_SHOWINGS_PER_VIEW = 64;

export class ShownKeys {
  readonly #relations: ReadonlyMap<number, Relation>;
  /** By table: every exposed view on it, with the view's columns by the table's. */
  readonly #views = new Map<number, Map<Relation, Map<number, string[]>>>();

  /** `origins`: of the columns of every view that may stand between, exposed or not, by the view. */
  constructor(
    relations: ReadonlyMap<number, Relation>,
    origins: ReadonlyMap<number, ReadonlyMap<number, ColumnOrigin>>,
  ) {
    this.#relations = relations;
    for (const view of relations.values()) {
      for (const [number, name] of view.columnNames) {
        const origin = findTableColumn(origins, { table: view.id, column: number });
        if (origin !== undefined) this.#add(view, name, origin);
      }
    }
  }

  /** The table itself where it is exposed, then the views that show all of the columns. */
  list(table: number, columns: readonly number[]): Showing[] {
    const showings: Showing[] = [];
    const own = this.#relations.get(table);
    if (own !== undefined)
      showings.push(
        ...combine(
          own,
          columns.map((column) => namesOf(own, column)),
        ),
      );
    for (const [view, byColumn] of this.#views.get(table) ?? []) {
      showings.push(
        ...combine(
          view,
          columns.map((column) => byColumn.get(column) ?? []),
        ),
      );
    }
    return showings;
  }

  #add(view: Relation, name: string, { table, column }: ColumnOrigin): void {
    const onTable = getOrPut(this.#views, table, () => new Map<Relation, Map<number, string[]>>());
    const byColumn = getOrPut(onTable, view, () => new Map<number, string[]>());
    getOrPut(byColumn, column, () => []).push(name);
  }
}

/** Through views over views down to the table; absent for what is no column of a view that has an origin. */
function findTableColumn(
  origins: ReadonlyMap<number, ReadonlyMap<number, ColumnOrigin>>,
  from: ColumnOrigin,
): ColumnOrigin | undefined {
  let current: ColumnOrigin | undefined = from;
  // CREATE OR REPLACE VIEW can make a circle of views, which only fails when somebody reads them.
  const seen = new Set<number>();
  while (current !== undefined) {
    const view = origins.get(current.table);
    if (view === undefined) return current === from ? undefined : current;
    if (seen.has(current.table)) return undefined;
    seen.add(current.table);
    current = view.get(current.column);
  }
  return undefined;
}

/** One showing for each way to choose a name for every column. */
function combine(relation: Relation, names: readonly (readonly string[])[]): Showing[] {
  let choices: string[][] = [[]];
  for (const alternatives of names) {
    choices = choices.flatMap((chosen) => alternatives.map((name) => [...chosen, name]));
    choices.length = Math.min(choices.length, MAX_SHOWINGS_PER_VIEW);
  }
  return choices.map((columns) => ({ relation, columns }));
}

function namesOf(relation: Relation, column: number): string[] {
  const name = relation.columnNames.get(column);
  return name === undefined ? [] : [name];
}

function getOrPut<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
