/** Where the columns of a view come from, read from its rule: `pg_rewrite.ev_action` as text. */

/** A column of a table or of another view. */
export interface ColumnOrigin {
  readonly table: number;
  readonly column: number;
}

const TARGET_LIST = ':targetList ';
const BACKSLASH = 92;
const OPEN = 123;
const CLOSE = 125;
const COLON = 58;
/** What stands behind the expression of an entry. Names have a backslash before every space and brace. */
const ENTRY_END =
  /^ :resno (\d+) :resname (?:\\[\s\S]|[^ \\])* :ressortgroupref \d+ :resorigtbl (\d+) :resorigcol (\d+) :resjunk false$/;

/**
 * The origin of every column of the view that is a plain column of something in its FROM, by the column's number.
 * Postgres itself follows sub-selects, common table expressions and joins, but not other views. Expressions, and
 * what a set operation (UNION) yields, have no origin.
 */
export function parseViewColumns(rule: string): ReadonlyMap<number, ColumnOrigin> {
  const origins = new Map<number, ColumnOrigin>();
  for (const entry of listTargetEntries(rule)) {
    const [, number, table, column] = ENTRY_END.exec(entry) ?? [];
    if (number === undefined || table === undefined || table === '0') continue;
    origins.set(Number(number), { table: Number(table), column: Number(column) });
  }
  return origins;
}

/** The ends of the entries of the outermost query's target list, each up to its closing brace. */
function listTargetEntries(rule: string): string[] {
  const entries: string[] = [];
  let depth = 0;
  // Behind the last brace that was closed within the entry, which is the expression's own.
  let start = 0;
  for (let i = findTargetList(rule); i < rule.length; i += 1) {
    const code = rule.charCodeAt(i);
    if (code === BACKSLASH) i += 1;
    else if (code === OPEN) depth += 1;
    else if (code === CLOSE) {
      depth -= 1;
      if (depth === 0) entries.push(rule.slice(start, i));
      start = i + 1;
    } else if (code === COLON && depth === 0) break; // The next field of the query.
  }
  return entries;
}

/** Where the list begins: the lists of queries within the query stand deeper. */
function findTargetList(rule: string): number {
  let depth = 0;
  for (let i = 0; i < rule.length; i += 1) {
    const code = rule.charCodeAt(i);
    if (code === BACKSLASH) i += 1;
    else if (code === OPEN) depth += 1;
    else if (code === CLOSE) depth -= 1;
    else if (code === COLON && depth === 1 && rule.startsWith(TARGET_LIST, i)) return i + TARGET_LIST.length;
  }
  return rule.length;
}
