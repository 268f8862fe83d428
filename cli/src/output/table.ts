import { printable } from './printable.ts';

export interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => string;
}

/** Aligned columns, two spaces apart, without a border; the last column is not padded. */
export function renderTable<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  styleTitle: (text: string) => string = (text) => text,
): string {
  const cells = rows.map((row) => columns.map((column) => printable(column.cell(row))));
  const widths = columns.map((column, index) =>
    Math.max(lengthOf(column.title), ...cells.map((row) => lengthOf(row[index] ?? ''))),
  );
  const titles = columns.map((column) => column.title);
  return [styleTitle(renderRow(titles, widths)), ...cells.map((row) => renderRow(row, widths))].join('\n');
}

/** Names and values below each other, indented by two. */
export function renderPairs(pairs: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(0, ...pairs.map(([name]) => lengthOf(name)));
  return pairs.map(([name, value]) => `  ${pad(name, width)}  ${printable(value)}`).join('\n');
}

function renderRow(cells: readonly string[], widths: readonly number[]): string {
  const last = cells.length - 1;
  return cells.map((cell, index) => (index === last ? cell : pad(cell, widths[index] ?? 0))).join('  ');
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - lengthOf(text)));
}

function lengthOf(text: string): number {
  return [...text].length;
}
