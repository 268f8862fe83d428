import { describe, expect, test } from 'vitest';
import { findPrimaryKeys } from './primary-keys.ts';
import type { CatalogConstraint } from './queries/keys.ts';
import { type Relation, ShownKeys } from './shown-keys.ts';
import type { ColumnOrigin } from './view-columns.ts';

const TABLE = 1;
const VIEW = 10;

function relation(id: number, name: string, columns: readonly string[]): [number, Relation] {
  const columnNames = new Map(columns.map((column, i) => [i + 1, column]));
  return [id, { id, schema: 'api', name, isView: id >= VIEW, columnNames }];
}

/** Origins by view: `[table, column]` of each column in its order. */
function origins(views: Record<number, readonly (readonly [number, number] | null)[]>) {
  return new Map(
    Object.entries(views).map(([id, columns]) => [
      Number(id),
      new Map(
        columns.flatMap((origin, i): [number, ColumnOrigin][] =>
          origin === null ? [] : [[i + 1, { table: origin[0], column: origin[1] }]],
        ),
      ),
    ]),
  );
}

function list(shownKeys: ShownKeys, table: number, columns: readonly number[]): string[] {
  return shownKeys
    .list(table, columns)
    .map(({ relation: { name }, columns: names }) => `${name}(${names.join()})`);
}

describe('ShownKeys', () => {
  test('finds the table, views that rename, and views on views', () => {
    const shown = new ShownKeys(
      new Map([relation(TABLE, 't', ['a', 'b']), relation(10, 'v', ['x', 'y']), relation(11, 'w', ['z'])]),
      origins({
        10: [
          [TABLE, 2],
          [TABLE, 1],
        ],
        11: [[10, 2]],
      }),
    );
    expect(list(shown, TABLE, [1])).toEqual(['t(a)', 'v(y)', 'w(z)']);
    expect(list(shown, TABLE, [2, 1])).toEqual(['t(b,a)', 'v(x,y)']);
  });

  test('follows views that are not exposed themselves, down to tables that are not', () => {
    const shown = new ShownKeys(
      new Map([relation(11, 'w', ['z'])]),
      origins({ 10: [[99, 4]], 11: [[10, 1]] }),
    );
    expect(list(shown, 99, [4])).toEqual(['w(z)']);
    expect(list(shown, 99, [3])).toEqual([]);
  });

  test('a column that is shown twice gives two showings, for every column of the key', () => {
    const shown = new ShownKeys(
      new Map([relation(10, 'v', ['a1', 'b1', 'a2', 'b2'])]),
      origins({
        10: [
          [99, 1],
          [99, 2],
          [99, 1],
          [99, 2],
        ],
      }),
    );
    expect(list(shown, 99, [1, 2])).toEqual(['v(a1,b1)', 'v(a1,b2)', 'v(a2,b1)', 'v(a2,b2)']);
  });

  test('does not multiply without end', () => {
    const columns = Array.from({ length: 100 }, (_, i): [number, number] => [99, (i % 5) + 1]);
    const shown = new ShownKeys(
      new Map([
        relation(
          10,
          'v',
          columns.map((_, i) => `c${i}`),
        ),
      ]),
      origins({ 10: columns }),
    );
    expect(shown.list(99, [1, 2, 3, 4, 5])).toHaveLength(64);
  });

  test('views in a circle show nothing', () => {
    const shown = new ShownKeys(
      new Map([relation(10, 'v', ['a']), relation(11, 'w', ['a'])]),
      origins({ 10: [[11, 1]], 11: [[10, 1]] }),
    );
    expect(list(shown, 10, [1])).toEqual(['v(a)']);
    expect(list(shown, 11, [1])).toEqual(['w(a)']);
  });
});

test('a view has the primary keys of all its tables, each column once, and only whole keys', () => {
  const shown = new ShownKeys(
    new Map([relation(TABLE, 't', ['a', 'b']), relation(10, 'v', ['x', 'y', 'x2', 'half'])]),
    origins({
      10: [
        [TABLE, 2],
        [TABLE, 1],
        [TABLE, 2],
        [98, 1],
      ],
    }),
  );
  const key = (table: number, columns: readonly number[]): CatalogConstraint => ({
    name: 'k',
    kind: 'p',
    table,
    columns,
    farTable: 0,
    farColumns: null,
  });
  const found = findPrimaryKeys([key(TABLE, [1, 2]), key(98, [1, 2])], shown);
  expect(Object.fromEntries(found)).toEqual({ [TABLE]: ['a', 'b'], 10: ['y', 'x'] });
});
