/** Texts of the wire → what a request needs of them. */
import type { ResultRow } from '../sql/statement.ts';
import type { StepResult } from './statement-batch.ts';

const BYTEA = 17;

/** The one row of a main statement; its columns are called as the fields of `ResultRow`. */
export function readResultRow({ columns, rows }: StepResult): ResultRow {
  const [row, ...others] = rows;
  if (row === undefined || others.length > 0) throw new Error('a main statement answers one row');
  const text = (name: string) => row[columns.findIndex((column) => column.name === name)] ?? null;
  const count = (name: string) => {
    const value = text(name);
    return value === null ? null : Number(value);
  };
  const body = columns.find(({ name }) => name === 'body');
  return {
    total: count('total'),
    rows: count('rows') ?? 0,
    body: body?.typeId === BYTEA ? readBytes(text('body')) : text('body'),
    location: text('location'),
    inserted: count('inserted'),
    responseHeaders: text('responseHeaders'),
    responseStatus: text('responseStatus'),
  };
}

/** For statements that answered an `EXPLAIN` instead of their rows. */
export const NO_ROW: ResultRow = {
  total: null,
  rows: 0,
  body: null,
  location: null,
  inserted: null,
  responseHeaders: null,
  responseStatus: null,
};

/** The lines of an `EXPLAIN`. */
export function readExplain({ rows }: StepResult): string {
  return rows.map(([line]) => line ?? '').join('\n');
}

/** What `EXPLAIN (FORMAT JSON)` expects of its topmost node. */
export function readPlanRows(result: StepResult): number | null {
  const [first]: { Plan?: { 'Plan Rows'?: number } }[] = JSON.parse(readExplain(result));
  return first?.Plan?.['Plan Rows'] ?? null;
}

/** Hexadecimal, which servers write since 9.0, or the older escapes where `bytea_output` asks for them. */
function readBytes(text: string | null): Buffer | null {
  if (text === null) return null;
  if (text.startsWith('\\x')) return Buffer.from(text.slice(2), 'hex');
  const plain = text.replace(/\\(\\|[0-7]{3})/g, (_match, code: string) =>
    code === '\\' ? '\\' : String.fromCharCode(Number.parseInt(code, 8)),
  );
  return Buffer.from(plain, 'latin1');
}
