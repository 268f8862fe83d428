import { expect, test } from 'vitest';
import { useScriptSuite } from './script-suite.ts';

const suite = useScriptSuite();
const FULL = { prefer: 'return=representation' };

test('PUT replaces or makes the row that the URL names', async () => {
  const put = (url: string, body: unknown) => suite.send('PUT', url, { headers: FULL, body });
  const made = await put('/items?id=eq.600', { id: 600, name: 'put' });
  expect(made.row).toMatchObject({ inserted: 1, rows: 1 });
  const replaced = await put('/items?id=eq.1', [{ id: 1, name: 'put', note: null }]);
  expect(replaced).toMatchObject({ row: { inserted: 0 }, json: [{ id: 1, name: 'put', note: null }] });
  const composite = await put('/rooms?number=eq.1&building=eq.A', { building: 'A', number: 1, area: 1 });
  expect(composite.row.inserted).toBe(0);
  await expect(put('/items?id=eq.1', { id: 2, name: 'x' })).rejects.toMatchObject({
    status: 400,
    code: 'PGRST115',
  });
  await expect(put('/items?id=eq.1', [])).rejects.toMatchObject({ code: 'PGRST115' });
});

test.each([
  '/items?id=gt.1',
  '/items?id=not.eq.1',
  '/items?name=eq.x',
  '/items?id=eq.1&name=eq.x',
  '/items?and=(id.eq.1)',
  '/items?id=eq(any).{1}',
  '/items',
  '/rooms?number=eq.1',
  '/no_key?a=eq.1',
])('PUT %s does not name one row', async (url) => {
  await expect(suite.send('PUT', url, { body: { id: 1 } })).rejects.toMatchObject({
    status: 405,
    code: 'PGRST105',
  });
});

test('an update changes what the filters choose', async () => {
  const patch = async (url: string, body: unknown) =>
    (await suite.send('PATCH', url, { headers: FULL, body })).json;
  expect(
    await patch('/items?id=in.(1,2)&or=(name.eq."item 2",id.eq.99)&select=id,note', { note: 'n' }),
  ).toEqual([{ id: 2, note: 'n' }]);
  expect(await patch('/works?details->>technique=eq.glass&select=id', { title: 'T' })).toEqual([{ id: 4 }]);
  expect(await patch('/items?always_true=is.true&id=lt.3&select=id,always_true', { note: null })).toEqual([
    { id: 1, always_true: true },
    { id: 2, always_true: true },
  ]);
  expect(await patch('/items?id=eq.99999', { note: 'n' })).toEqual([]);
  expect(await patch('/items?select=id,name', {})).toEqual([]);
  expect(await patch('/items?id=eq.1&select=id,name', [{ name: 'first' }, { name: 'second' }])).toEqual([
    { id: 1, name: 'first' },
  ]);
  expect(await patch('/select?from=eq.1&select=*', { order: 9, user: 'root' })).toMatchObject([
    { from: 1, order: 9, user: 'root' },
  ]);
  await expect(patch('/items?nope=eq.1', { note: 'n' })).rejects.toMatchObject({
    code: '42703',
    message: 'column items.nope does not exist',
  });
});

test('a deletion shows what is gone, with what belonged to it', async () => {
  const { json, row } = await suite.send(
    'DELETE',
    '/guide_museums?guide_id=eq.1&select=since,museums(name),guides(mood)&order=since',
    {
      headers: FULL,
    },
  );
  expect(row.rows).toBe(2);
  expect(json).toEqual([
    { since: '2015-05-05', museums: { name: 'Old Hall' }, guides: { mood: 'calm' } },
    { since: '2018-01-01', museums: { name: 'New Wing' }, guides: { mood: 'calm' } },
  ]);
  const silent = await suite.send('DELETE', '/sales');
  expect(silent.row).toMatchObject({ rows: 5, body: null });
});

test('embedded resources hang on what came back', async () => {
  const { json } = await suite.send(
    'PATCH',
    '/artists?id=eq.1&select=name,works(title),teacher(name),pupils(id),initials',
    {
      headers: FULL,
      body: { name: 'Zoe' },
    },
  );
  expect(json).toEqual([
    {
      name: 'Zoe',
      works: [{ title: 'Harbour' }, { title: 'Quarry' }],
      teacher: null,
      pupils: [{ id: 2 }, { id: 3 }],
      initials: 'Z.',
    },
  ]);
  const whole = await suite.send('PATCH', '/artists?id=eq.4&select=*,initials&order=initials', {
    headers: FULL,
    body: { born: null },
  });
  expect(whole.json).toEqual([
    { id: 4, name: 'Dario "D" O\'Neil', born: null, mentor_id: 2, initials: 'D.' },
  ]);
  const inner = await suite.send('PATCH', '/works?id=gt.3&select=id,artists!inner(name)&order=id.desc', {
    headers: FULL,
    body: { year: 2000 },
  });
  expect(inner.json).toEqual([{ id: 4, artists: { name: 'Chloé Dûr' } }]);
});

test('what is computed and only ordered by is not shown', async () => {
  const { json } = await suite.send('PATCH', '/artists?id=lt.3&select=*&order=initials.desc', {
    headers: FULL,
    body: { born: null },
  });
  expect(json).toEqual([
    { id: 2, name: 'Ben Okri', born: null, mentor_id: 1 },
    { id: 1, name: 'Ada Brandt', born: null, mentor_id: null },
  ]);
});

test('views are written through, with rules and triggers', async () => {
  const named = await suite.send('POST', '/item_names?columns=id,name', {
    headers: { prefer: 'return=representation, missing=default' },
    body: [{ id: 400 }],
  });
  expect(named.json).toEqual([{ id: 400, name: 'from the view' }]);
  const shouted = await suite.send('PATCH', '/triggered?id=eq.1', { headers: FULL, body: { shout: 'LOUD' } });
  expect(shouted.json).toEqual([{ id: 1, shout: 'LOUD' }]);
  const erased = await suite.send('DELETE', '/erasable?id=eq.2&select=name', { headers: FULL });
  expect(erased.json).toEqual([{ name: 'item 2' }]);
  await expect(suite.send('POST', '/low_items', { body: { id: 50, name: 'x' } })).rejects.toMatchObject({
    code: '44000',
  });
  await expect(suite.send('POST', '/museum_counts', { body: { id: 50 } })).rejects.toMatchObject({
    code: '55000',
  });
});

test('triggers can drop rows, change them and set headers', async () => {
  const { row, json } = await suite.send('POST', '/guarded?select=id,code', {
    headers: FULL,
    body: [
      { id: 10, amount: 1 },
      { id: 11, amount: 404 },
    ],
  });
  expect(json).toEqual([{ id: 10, code: 'trg' }]);
  expect(row).toMatchObject({ rows: 1, responseHeaders: '[{"X-Guard": "passed"}]' });
});

test('rows of others are neither seen nor changed', async () => {
  const ann = { role: 'web_user', claims: { sub: 'ann' } };
  const updated = await suite.send('PATCH', '/notes?select=id', {
    ...ann,
    headers: FULL,
    body: { body: 'x' },
  });
  expect(updated.json).toEqual([{ id: 1 }, { id: 2 }]);
  const gone = await suite.send('DELETE', '/notes');
  expect(gone.row.rows).toBe(0);
  await expect(suite.send('POST', '/notes', { ...ann, body: { id: 9, owner: 'bob' } })).rejects.toMatchObject(
    {
      code: '42501',
    },
  );
});

test('a condition of the client keeps the database as it was', async () => {
  const strict = { prefer: 'handling=strict, max-affected=2' };
  const commits = true;
  await expect(suite.send('DELETE', '/numbers?n=lt.4', { headers: strict, commits })).rejects.toMatchObject({
    status: 400,
    code: 'PGRST124',
    details: 'The query affects 3 rows',
  });
  const one = { accept: 'application/vnd.pgrst.object+json' };
  await expect(
    suite.send('PATCH', '/numbers?n=lt.4', { headers: one, body: { label: 'gone' }, commits }),
  ).rejects.toMatchObject({ code: 'PGRST116' });
  const left = "SELECT count(*)::int AS n FROM api.numbers WHERE n < 4 AND label <> 'gone'";
  expect(await suite.database.run(left)).toEqual([{ n: 3 }]);
  const lenient = await suite.send('DELETE', '/numbers?n=lt.4', { headers: { prefer: 'max-affected=2' } });
  expect(lenient.row.rows).toBe(3);
});
