import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ColumnPairs,
  type KeyRelationship,
  keyOf,
  type QualifiedName,
  type Relationship,
  type SchemaCache,
} from '../../src/schema/schema-cache.ts';
import { createNastyDatabase, type TestDatabase } from '../support/database.ts';
import { loadTestSchema } from '../support/load-test-schema.ts';

let database: TestDatabase;
let cache: SchemaCache;
beforeAll(async () => {
  database = await createNastyDatabase();
  cache = await loadTestSchema(database);
});
afterAll(() => database?.drop());

/** `kind constraint near=far,…`, or `kind junction near=junction,… far=junction,…`. */
function between(near: string, far: string): string[] {
  return listFrom(near)
    .filter((one) => one.far.name === far)
    .map((one) =>
      one.kind === 'computed' ? `computed ${one.function.name} ${one.isToOne}` : describeKey(one),
    );
}

function listFrom(name: string): readonly Relationship[] {
  return cache.relationships.get(keyOf({ schema: 'api', name })) ?? [];
}

function describeKey({ cardinality }: KeyRelationship): string {
  if (cardinality.kind !== 'many-to-many') {
    const role = cardinality.kind === 'one-to-one' && cardinality.isReferenced ? ' (referenced)' : '';
    return `${cardinality.kind}${role} ${cardinality.constraint} ${pairs(cardinality.columns)}`;
  }
  const { table, nearColumns, farColumns } = cardinality.junction;
  return `many-to-many ${table.name} ${pairs(nearColumns)} ${pairs(farColumns)}`;
}

function pairs(columns: ColumnPairs): string {
  return columns.map((pair) => pair.join('=')).join();
}

describe('relationships of tables', () => {
  test('several keys between the same tables, also composite ones in another order', () => {
    expect(between('works', 'museums')).toEqual([
      'many-to-one works_current_fkey current_id=id',
      'many-to-one works_home_fkey home_id=id',
    ]);
    expect(between('doors', 'rooms')).toEqual([
      'many-to-one doors_from_fkey from_number=number,from_building=building',
      'many-to-one doors_to_fkey to_building=building,to_number=number',
    ]);
  });

  test('one-to-one by primary key, unique key and composite unique key', () => {
    expect(between('works', 'work_files')).toEqual([
      'one-to-one (referenced) work_files_work_fkey id=work_id',
    ]);
    expect(between('work_files', 'works')).toEqual(['one-to-one work_files_work_fkey work_id=id']);
    expect(between('frames', 'works')).toEqual(['one-to-one frames_work_fkey work_id=id']);
    expect(between('room_keys', 'rooms')).toEqual([
      'one-to-one room_keys_room_fkey building=building,number=number',
    ]);
  });

  test('a unique index and a part of a unique key make no one-to-one', () => {
    expect(between('plaques', 'works')).toEqual(['many-to-one plaques_work_fkey work_id=id']);
    expect(between('plaques', 'artists')).toEqual(['many-to-one plaques_artist_fkey artist_id=id']);
  });

  test('two junctions, one of them under a view; none through what is hidden or not in the key', () => {
    expect(between('works', 'exhibitions')).toEqual([
      'many-to-many exhibition_requests id=work_id id=exhibition_id',
      'many-to-many exhibition_works id=work_id id=exhibition_id',
      'many-to-many exhibition_works_view id=piece_id id=show_id',
    ]);
    expect(between('guides', 'museums')).toEqual(['many-to-many guide_museums id=guide_id id=museum_id']);
    expect(between('guides', 'exhibitions')).toEqual([]);
    expect(between('rooms', 'artists')).toEqual([
      'many-to-many room_artists building=building,number=number id=artist_id',
    ]);
  });

  test('self references, and a junction of a table with itself', () => {
    expect(between('artists', 'artists')).toEqual([
      'one-to-many artists_mentor_fkey id=mentor_id',
      'many-to-one artists_mentor_fkey mentor_id=id',
      'many-to-many friendships id=from_id id=to_id',
      'many-to-many friendships id=to_id id=from_id',
      'computed pupils false',
      'computed teacher true',
    ]);
    expect(between('folders', 'folders')).toEqual([
      'one-to-many folders_parent_fkey tenant=tenant,id=parent',
      'many-to-one folders_parent_fkey tenant=tenant,parent=id',
    ]);
    const self = listFrom('artists').filter(({ far }) => far.name === 'artists');
    expect(self.every(({ isSelf }) => isSelf)).toBe(true);
  });

  test('partitions: the root alone, on both sides', () => {
    expect(between('visits', 'museums')).toEqual(['many-to-one visits_museum_fkey museum_id=id']);
    expect(between('complaints', 'visits')).toEqual([
      'many-to-one complaints_visit_fkey visit_id=id,visit_day=day',
    ]);
    const names = [...cache.relationships.values()].flat().flatMap(({ near, far }) => [near.name, far.name]);
    expect(names.filter((name) => /^visits_/.test(name))).toEqual([]);
  });

  test('computed ones: to one by ROWS 1 or without SETOF, and in the place of foreign keys', () => {
    expect(between('artists', 'works')).toEqual([
      'one-to-many works_artist_fkey id=artist_id',
      'computed first_work true',
    ]);
    expect(between('artist_cards', 'works')).toEqual([
      'one-to-many works_artist_fkey artist_no=artist_id',
      'computed card_works false',
    ]);
    expect(between('sales', 'museums')).toEqual(['computed museums true']);
    expect(between('museums', 'sales')).toEqual(['one-to-many sales_museum_fkey id=museum_id']);
  });
});

describe('relationships of views', () => {
  test('renamed keys, views on views, materialised views', () => {
    expect(between('artist_cards', 'artist_cards').slice(0, 2)).toEqual([
      'one-to-many artists_mentor_fkey artist_no=taught_by',
      'many-to-one artists_mentor_fkey taught_by=artist_no',
    ]);
    expect(between('artist_cards_again', 'works')).toEqual([
      'one-to-many works_artist_fkey Card No=artist_id',
    ]);
    expect(between('expensive_works', 'artists')).toEqual(['many-to-one works_artist_fkey artist_id=id']);
    expect(between('folder_view', 'folders')).toEqual([
      'one-to-many folders_parent_fkey the tenant=tenant,the id=parent',
      'many-to-one folders_parent_fkey the tenant=tenant,the parent=id',
    ]);
    expect(between('door_view', 'room_view')).toEqual([
      'many-to-one doors_from_fkey fn=no,fb=house',
      'many-to-one doors_to_fkey tb=house,tn=no',
    ]);
  });

  test('joins: every side whose columns are shown; sub-selects and common table expressions', () => {
    expect(between('work_list', 'artists')).toEqual(['many-to-one works_artist_fkey artist_id=id']);
    expect(between('works_with_artists', 'artists')).not.toContain(
      'many-to-one works_artist_fkey maker_id=id',
    );
    expect(between('works_with_artists', 'works')).toContain(
      'one-to-many works_artist_fkey maker_id=artist_id',
    );
    expect(between('works_with_artists', 'frames')).toEqual([
      'one-to-many frames_maker_fkey maker_id=maker_id',
      'one-to-one (referenced) frames_work_fkey id=work_id',
    ]);
    expect(between('work_deep', 'artists')).toEqual(['many-to-one works_artist_fkey outer_artist=id']);
    expect(between('frames_and_files', 'works')).toEqual(['one-to-one frames_work_fkey work_id=id']);
  });

  test('a key that is shown twice is two relationships', () => {
    expect(between('work_twice', 'artists')).toEqual([
      'many-to-one works_artist_fkey artist_one=id',
      'many-to-one works_artist_fkey artist_two=id',
    ]);
  });

  test.each(['work_wrapped', 'work_titles', 'everybody', 'half_rooms', 'frames_or_files', 'through_private'])(
    '%s shows no foreign key',
    (name) => {
      expect(
        listFrom(name).filter((one) => one.kind === 'key' && one.cardinality.kind === 'many-to-one'),
      ).toEqual([]);
    },
  );

  test('of tables that are not exposed, also through a schema of the search path', () => {
    expect(between('shown_artists', 'museums')).toEqual([
      'many-to-one hidden_artists_museum_fkey museum_id=id',
    ]);
    expect(between('shown_artists', 'shown_artists')).toHaveLength(2);
    expect(between('through_extra', 'museums')).toEqual([
      'many-to-one hidden_artists_museum_fkey tmuseum=id',
    ]);
    expect(between('museums', 'hidden_artists')).toEqual([]);
  });
});

const quoted = ({ schema, name }: QualifiedName) =>
  `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
const on = (columns: ColumnPairs, left: string, right: string) =>
  columns
    .map(([a, b]) => `${left}.${pg.escapeIdentifier(a)} = ${right}.${pg.escapeIdentifier(b)}`)
    .join(' AND ');

test('every relationship is a join that Postgres takes', async () => {
  const joins = [...cache.relationships.values()].flat().map((one) => {
    const from = `SELECT 1 FROM ${quoted(one.near)} n`;
    if (one.kind === 'computed') return `${from}, LATERAL ${quoted(one.function)}(n) f WHERE false`;
    const { cardinality } = one;
    if (cardinality.kind !== 'many-to-many') {
      return `${from} JOIN ${quoted(one.far)} f ON ${on(cardinality.columns, 'n', 'f')} WHERE false`;
    }
    const { table, nearColumns, farColumns } = cardinality.junction;
    const junction = `JOIN ${quoted(table)} j ON ${on(nearColumns, 'n', 'j')}`;
    return `${from} ${junction} JOIN ${quoted(one.far)} f ON ${on(farColumns, 'f', 'j')} WHERE false`;
  });
  expect(joins.length).toBeGreaterThan(200);
  for (let i = 0; i < joins.length; i += 100) await database.run(joins.slice(i, i + 100).join(';\n'));
});

test('the rows agree: whatever points at a table finds its row there', async () => {
  const orphans = [...cache.relationships.values()].flat().flatMap((one) => {
    if (one.kind !== 'key' || one.isFarView || one.cardinality.kind === 'many-to-many') return [];
    if (one.cardinality.kind === 'one-to-many') return [];
    if (one.cardinality.kind === 'one-to-one' && one.cardinality.isReferenced) return [];
    const { columns, constraint } = one.cardinality;
    const isSet = columns.map(([name]) => `n.${pg.escapeIdentifier(name)} IS NOT NULL`).join(' AND ');
    const far = `SELECT FROM ${quoted(one.far)} f WHERE ${on(columns, 'n', 'f')}`;
    return `SELECT ${pg.escapeLiteral(`${one.near.name} ${constraint}`)} AS key, count(*) FILTER (WHERE ${isSet})::int AS set,
      count(*) FILTER (WHERE ${isSet} AND NOT EXISTS (${far}))::int AS orphans FROM ${quoted(one.near)} n`;
  });
  const rows = await database.run(orphans.join(' UNION ALL '));
  expect(rows.filter((row) => Number(row.orphans) > 0)).toEqual([]);
  expect(rows.filter((row) => Number(row.set) > 0).length).toBeGreaterThan(40);
});
