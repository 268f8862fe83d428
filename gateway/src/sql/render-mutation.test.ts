import { expect, test } from 'vitest';
import type { InsertPlan, PlannedColumn, ReadPlan } from '../plan/plan.ts';
import { renderMutation } from './render-mutation.ts';
import { Values } from './values.ts';

const read: ReadPlan = {
  alias: 'my "table"',
  from: { kind: 'source' },
  select: [],
  where: [],
  order: [],
  range: { limit: null, offset: 0 },
  embeds: [],
};
const base = { table: { schema: 's', name: 'my "table"' }, where: [], returning: [], read };
const payload = { kind: 'json', text: '[{"a":1}]', isArray: true, keys: ['a'] } as const;

function column(name: string, changes: Partial<PlannedColumn> = {}): PlannedColumn {
  return { name, type: 'integer', transform: null, defaultExpression: null, ...changes };
}

const insert: InsertPlan = {
  ...base,
  kind: 'insert',
  columns: [column('a')],
  payload,
  onConflict: null,
  usesDefaults: false,
  primaryKey: [],
};

function render(plan: Parameters<typeof renderMutation>[0]): [string, readonly unknown[]] {
  const values = new Values();
  return [renderMutation(plan, values), values.list];
}

test('rows are one parameter', () => {
  expect(render(insert)).toEqual([
    'INSERT INTO "s"."my ""table""" AS "my ""table""" ("a") ' +
      'SELECT "pgrst_record"."a" AS "a" FROM json_to_recordset($1::json) AS pgrst_record("a" integer)  RETURNING 1',
    ['[{"a":1}]'],
  ]);
});

test('a parsed column is read as JSON and given to its function', () => {
  const columns = [column('c"', { type: 'api.colour', transform: { schema: 'api', name: 'parse' } })];
  const [text] = render({ ...insert, columns, payload: { ...payload, isArray: false } });
  expect(text).toContain('"api"."parse"("pgrst_record"."c""") AS "c""" FROM json_to_record($1::json)');
  expect(text).toContain('pgrst_record("c""" json)');
});

test('defaults stand where a key is absent, and keys are parameters', () => {
  const columns = [column('a', { defaultExpression: "nextval('s.q')" }), column('b')];
  const [text, values] = render({ ...insert, columns, usesDefaults: true });
  expect(text).toContain('ELSE (nextval(\'s.q\'))::integer END AS "a"');
  expect(text).toContain('ELSE NULL END AS "b"');
  expect(values).toEqual(['[{"a":1}]', 'a', 'b']);
});

test('an upsert counts a row after its conditions, and takes it back at a conflict', () => {
  const [text] = render({ ...insert, onConflict: { columns: ['a'], resolution: 'merge' } });
  expect(text).toMatch(/WHERE CASE WHEN true THEN set_config\('pgrst\.inserted', .* \+ 1\)/);
  expect(text).toMatch(
    /ON CONFLICT \("a"\) DO UPDATE SET "a" = EXCLUDED\."a" WHERE set_config\('pgrst\.inserted', .* - 1\)/,
  );
  const [ignored] = render({ ...insert, onConflict: { columns: ['a'], resolution: 'ignore' } });
  expect(ignored).toContain('ON CONFLICT ("a") DO NOTHING');
  expect(ignored).not.toContain('set_config');
});

test('nothing to set changes nothing', () => {
  const update = {
    ...base,
    kind: 'update',
    columns: [],
    payload,
    usesDefaults: false,
    returning: ['*'],
  } as const;
  expect(render(update)).toEqual([
    'SELECT "my ""table""".* FROM "s"."my ""table""" AS "my ""table""" WHERE false',
    [],
  ]);
});

test('a deletion without filters names all rows', () => {
  const [text] = render({ ...base, kind: 'delete', returning: ['a', '$1'] });
  expect(text).toBe(
    'DELETE FROM "s"."my ""table""" AS "my ""table""" RETURNING "my ""table"""."a", "my ""table"""."$1"',
  );
});
