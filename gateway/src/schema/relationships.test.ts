import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findPrimaryKeys } from './primary-keys.ts';
import type { CatalogConstraint, CatalogRowFunction } from './queries/keys.ts';
import { findRelationships } from './relationships.ts';
import type { Relationship } from './schema-cache.ts';
import { type Relation, ShownKeys } from './shown-keys.ts';

const NAMES = ['artists', 'works', 'shows', 'work_shows', 'files'] as const;
const [ARTISTS, WORKS, SHOWS, WORK_SHOWS, FILES] = [1, 2, 3, 4, 5] as const;
const HIDDEN = 99;

const relations = new Map<number, Relation>(
  NAMES.map((name, i) => {
    const columnNames = new Map([1, 2, 3].map((column) => [column, `c${column}`]));
    return [i + 1, { id: i + 1, schema: 'api', name, isView: false, columnNames }];
  }),
);

function primary(table: number, ...columns: number[]): CatalogConstraint {
  return { name: `pk${table}`, kind: 'p', table, columns, farTable: 0, farColumns: null };
}

function foreign(name: string, table: number, columns: number[], farTable: number, farColumns = [1]) {
  return { name, kind: 'f' as const, table, columns, farTable, farColumns };
}

function find(constraints: readonly CatalogConstraint[], rowFunctions: readonly CatalogRowFunction[] = []) {
  const shownKeys = new ShownKeys(relations, new Map());
  const primaryKeys = findPrimaryKeys(constraints, shownKeys);
  return findRelationships({ relations, constraints, shownKeys, primaryKeys, rowFunctions });
}

function describeAll(found: ReadonlyMap<string, readonly Relationship[]>): string[] {
  return [...found.values()].flat().map(describeOne);
}

function describeOne(relationship: Relationship): string {
  const ends = `${relationship.near.name}>${relationship.far.name}`;
  if (relationship.kind === 'computed') return `${ends} ${relationship.function.name}`;
  const { cardinality } = relationship;
  if (cardinality.kind === 'many-to-many') {
    const { table, nearColumns, farColumns } = cardinality.junction;
    return `${ends} many-to-many ${table.name} ${nearColumns.join('&')} ${farColumns.join('&')}`;
  }
  const role = cardinality.kind === 'one-to-one' && cardinality.isReferenced ? ' referenced' : '';
  return `${ends} ${cardinality.kind}${role} ${cardinality.columns.join('&')}`;
}

describe('findRelationships', () => {
  test('a foreign key relates both sides, whatever the order of its columns', () => {
    const key = foreign('k', WORKS, [3, 2], ARTISTS, [1, 2]);
    expect(describeAll(find([key])).sort()).toEqual([
      'artists>works one-to-many c1,c3&c2,c2',
      'works>artists many-to-one c3,c1&c2,c2',
    ]);
  });

  test('is one-to-one exactly when its columns are a key', () => {
    const key = foreign('k', FILES, [2, 1], WORKS, [1, 2]);
    const unique = (...columns: number[]): CatalogConstraint => ({
      ...primary(FILES, ...columns),
      kind: 'u',
    });
    expect(describeAll(find([key, unique(1, 2)])).sort()).toEqual([
      'files>works one-to-one c2,c1&c1,c2',
      'works>files one-to-one referenced c1,c2&c2,c1',
    ]);
    for (const columns of [[1], [2], [1, 2, 3]]) {
      expect(describeAll(find([key, unique(...columns)])).join()).not.toContain('one-to-one');
    }
  });

  test('a self reference is marked on both ways', () => {
    const found = find([foreign('k', ARTISTS, [2], ARTISTS)]);
    expect(describeAll(found)).toEqual([
      'artists>artists one-to-many c1,c2',
      'artists>artists many-to-one c2,c1',
    ]);
    expect([...found.values()].flat().every(({ isSelf }) => isSelf)).toBe(true);
  });

  test('a junction has both foreign keys in its primary key', () => {
    const keys = [foreign('w', WORK_SHOWS, [1], WORKS), foreign('s', WORK_SHOWS, [2], SHOWS)];
    const through = (...columns: number[]) =>
      describeAll(find([...keys, primary(WORK_SHOWS, ...columns)])).filter((text) =>
        text.includes('many-to-many'),
      );
    const both = [
      'shows>works many-to-many work_shows c1,c2 c1,c1',
      'works>shows many-to-many work_shows c1,c1 c1,c2',
    ];
    expect(through(1, 2).sort()).toEqual(both);
    expect(through(2, 3, 1).sort()).toEqual(both);
    expect(through(1, 3)).toEqual([]);
  });

  test('what is not exposed is neither end nor junction', () => {
    const keys = [
      foreign('a', HIDDEN, [1], WORKS),
      foreign('b', HIDDEN, [2], SHOWS),
      foreign('c', WORKS, [2], HIDDEN),
      primary(HIDDEN, 1, 2),
    ];
    expect(find(keys).size).toBe(0);
  });

  test('a function of a row takes the place of the keys to the relation of its name', () => {
    const keys = [foreign('k', WORKS, [2], ARTISTS), foreign('l', WORKS, [3], ARTISTS)];
    const row = {
      schema: 'api',
      near: WORKS,
      far: ARTISTS,
      isToOne: true,
      isSet: true,
      isSearched: true,
      type: 'x',
    };
    const other = [{ ...row, name: 'painter' }];
    expect(describeAll(find(keys, other)).filter((text) => text.startsWith('works'))).toHaveLength(3);
    const same = [{ ...row, name: 'artists' }];
    expect(describeAll(find(keys, same)).filter((text) => text.startsWith('works'))).toEqual([
      'works>artists artists',
    ]);
    const elsewhere = [{ ...row, name: 'artists', schema: 'extra' }];
    expect(describeAll(find(keys, elsewhere)).filter((text) => text.startsWith('works'))).toHaveLength(3);
  });

  test('the order and the result do not depend on the order of the catalog', () => {
    const keys = [
      foreign('b', WORKS, [2], ARTISTS),
      foreign('a', WORKS, [3], ARTISTS),
      foreign('w', WORK_SHOWS, [1], WORKS),
      foreign('s', WORK_SHOWS, [2], SHOWS),
      foreign('x', ARTISTS, [2], ARTISTS),
      primary(WORK_SHOWS, 1, 2),
    ];
    const sorted = Object.fromEntries(find(keys));
    fc.assert(
      fc.property(fc.shuffledSubarray(keys, { minLength: keys.length }), (shuffled) => {
        expect(Object.fromEntries(find(shuffled))).toEqual(sorted);
      }),
    );
  });

  test('every relationship has its inverse', () => {
    const ids = fc.constantFrom(ARTISTS, WORKS, SHOWS, WORK_SHOWS, FILES);
    const column = fc.constantFrom(1, 2, 3);
    const constraint = fc.oneof(
      fc
        .tuple(fc.string(), ids, column, ids, column)
        .map(([name, near, c, far, d]) => foreign(name, near, [c], far, [d])),
      fc.tuple(ids, fc.uniqueArray(column, { minLength: 1 })).map(([id, columns]) => primary(id, ...columns)),
    );
    fc.assert(
      fc.property(fc.array(constraint, { maxLength: 12 }), (constraints) => {
        const all = [...find(constraints).values()].flat();
        for (const one of all) {
          const inverse = all.filter(
            ({ near, far }) => near.name === one.far.name && far.name === one.near.name,
          );
          const forward = all.filter(
            ({ near, far }) => near.name === one.near.name && far.name === one.far.name,
          );
          expect(inverse).toHaveLength(forward.length);
        }
        expect(new Set(all).size).toBe(all.length);
      }),
    );
  });
});
