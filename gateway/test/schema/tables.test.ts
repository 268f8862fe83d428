import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Column, keyOf, type SchemaCache, type Table } from '../../src/schema/schema-cache.ts';
import { createNastyDatabase, type TestDatabase } from '../support/database.ts';
import { loadTestSchema } from '../support/load-test-schema.ts';

let database: TestDatabase;
let cache: SchemaCache;
beforeAll(async () => {
  database = await createNastyDatabase();
  cache = await loadTestSchema(database);
});
afterAll(() => database?.drop());

function table(name: string, schema = 'api'): Table {
  const found = cache.tables.get(keyOf({ schema, name }));
  if (found === undefined) throw new Error(`no table ${name}`);
  return found;
}

function column(name: string, of: string): Column {
  const found = table(of).columns.get(name);
  if (found === undefined) throw new Error(`no column ${name}`);
  return found;
}

describe('tables', () => {
  test('are those of the exposed schemas, partitions apart', async () => {
    const rows = await database.run(`
      SELECT format('%s.%s', table_schema, table_name) AS name FROM information_schema.tables
      WHERE table_schema IN ('api', 'v2') AND table_name !~ '^visits_' UNION ALL SELECT 'api.expensive_works'`);
    const names = [...cache.tables.values()].map(({ schema, name }) => `${schema}.${name}`);
    expect(names.toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
    expect(names).toContain('api.visits');
  });

  test('say what they are and what can be written', () => {
    const writes = (name: string) => {
      const { isView, isInsertable, isUpdatable, isDeletable } = table(name);
      return [isView, isInsertable, isUpdatable, isDeletable];
    };
    expect(writes('works')).toEqual([false, true, true, true]);
    expect(writes('visits')).toEqual([false, true, true, true]);
    expect(writes('item_names')).toEqual([true, true, true, true]);
    expect(writes('triggered')).toEqual([true, true, true, true]);
    expect(writes('erasable')).toEqual([true, false, false, true]);
    expect(writes('work_list')).toEqual([true, false, false, false]);
    expect(writes('expensive_works')).toEqual([true, false, false, false]);
  });

  test('have their primary keys, also through views', () => {
    const key = (name: string) => table(name).primaryKey;
    expect(key('rooms')).toEqual(['building', 'number']);
    expect(key('room_view')).toEqual(['house', 'no']);
    expect(key('half_rooms')).toEqual([]);
    expect(key('no_key')).toEqual([]);
    expect(key('with space')).toEqual(['the id']);
    expect(key('artist_cards_again')).toEqual(['Card No']);
    expect(key('expensive_works')).toEqual(['work_id']);
    expect(key('work_deep')).toEqual(['work_no']);
    expect(key('works_with_artists').toSorted()).toEqual(['id', 'maker_id']);
    expect(key('through_extra')).toEqual(['tid']);
    expect(key('through_private')).toEqual([]);
    expect(key('work_wrapped')).toEqual([]);
    expect(key('everybody')).toEqual([]);
    expect(key('strange view')).toEqual([':resorigtbl 7 :resorigcol 9 :resjunk false} {']);
  });

  test('have their comments, and so have schemas and columns', () => {
    expect(table('artists').description).toBe('People who make works\n\nLiving and dead.');
    expect(table('works').columns.get('title')?.description).toBeNull();
    expect(column('Größe', 'with space').description).toBe('Ünïcode');
    expect(cache.schemaDescriptions.get('api')).toMatch(/^The nasty API\n\nEverything/);
    expect([...cache.schemaDescriptions.keys()].toSorted()).toEqual(['api', 'v2']);
  });
});

describe('columns', () => {
  test('stand in the order of the table under their exact names', () => {
    expect([...table('with space').columns.keys()].slice(0, 8)).toEqual([
      'the id',
      'a.b',
      'a,b',
      '(paren)',
      'quo"te',
      'back\\slash',
      'per%cent',
      'json->path',
    ]);
    expect(table('nothing').columns.size).toBe(0);
    expect([...table('CamelCase').columns.keys()]).toEqual(['camelId', 'camelid']);
  });

  test('have a type of their own and a base type', () => {
    const types = (name: string) => [column(name, 'all_types').type, column(name, 'all_types').nominalType];
    expect(types('vc')).toEqual(['character varying', 'character varying(10)']);
    expect(types('money_like')).toEqual(['numeric', 'numeric(20,6)']);
    expect(types('short')).toEqual(['text', 'api.short_email']);
    expect(types('pct')).toEqual(['numeric', 'api.percent']);
    expect(types('weird')).toEqual(['api."Weird Type"', 'api."Weird Type"']);
    expect(types('matrix')).toEqual(['integer[]', 'integer[]']);
    expect(column('vc', 'all_types').maxLength).toBe(10);
    expect(column('bits', 'all_types').maxLength).toBe(3);
    expect(column('money_like', 'all_types').maxLength).toBeNull();
    expect(column('mood', 'all_types').enumValues).toEqual(['calm', 'very happy', `it's "odd"`, 'ünruhig']);
    expect(column('txt', 'all_types').enumValues).toEqual([]);
  });

  test('tell whether they are composites or arrays', () => {
    const names = [...table('all_types').columns.values()].filter((one) => one.isCompositeOrArray);
    expect(names.map(({ name }) => name)).toEqual([
      'ints',
      'matrix',
      'texts',
      'moods',
      'size',
      'sizes',
      'weird',
    ]);
  });

  test('know what fills them', () => {
    const defaults = Object.fromEntries(
      [...table('defaults').columns.values()].map((one) => [one.name, one.defaultExpression]),
    );
    expect(defaults).toMatchObject({
      id: `nextval('api.defaults_id_seq')`,
      always_id: null,
      ticket: `nextval('api.ticket_numbers'::regclass)`,
      name: `'nameless'::text`,
      pct: '50.00',
      pct_own: '75',
      doubled: null,
    });
    const generated = [...table('defaults').columns.values()].filter(({ isGenerated }) => isGenerated);
    expect(generated.map(({ name }) => name)).toEqual(['always_id', 'doubled']);
    expect(column('name', 'item_names').defaultExpression).toBe(`'from the view'::text`);
    expect(column('must', 'defaults').isNullable).toBe(false);
    expect(column('name', 'defaults').isNullable).toBe(true);
  });

  test('have types and defaults that Postgres takes without a search path', async () => {
    const all = [...cache.tables.values()].flatMap(({ columns }) => [...columns.values()]);
    const casts = all.map(({ type, nominalType }) => `NULL::${type}, NULL::${nominalType}`);
    const defaults = all.flatMap(({ defaultExpression, nominalType }) =>
      defaultExpression === null ? [] : [`CAST(${defaultExpression} AS ${nominalType})`],
    );
    expect(defaults.length).toBeGreaterThan(10);
    for (const list of [casts, defaults]) {
      // A SELECT holds 1664 columns.
      const chunks = Array.from({ length: Math.ceil(list.length / 500) }, (_, i) =>
        list.slice(i * 500, (i + 1) * 500),
      );
      for (const chunk of chunks) {
        await database.run(`SET search_path TO ''; SELECT ${chunk.join(', ')}`);
      }
    }
  });
});
