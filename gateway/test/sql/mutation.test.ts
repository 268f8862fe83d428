import { expect, test } from 'vitest';
import { useScriptSuite } from './script-suite.ts';

const suite = useScriptSuite();
const FULL = { prefer: 'return=representation' };

test('an insert shows what it was asked for', async () => {
  const { json, row } = await suite.send('POST', '/items?select=id,label:name', {
    headers: FULL,
    body: { id: 100, name: "it's $1" },
  });
  expect(json).toEqual([{ id: 100, label: "it's $1" }]);
  expect(row).toMatchObject({ rows: 1, inserted: null, location: null });
});

test('many rows go in with one statement and one parameter', async () => {
  const body = Array.from({ length: 500 }, (_, at) => ({ id: 2000 + at, name: `n${at}`, note: null }));
  const { row, script } = await suite.send('POST', '/items', { body });
  expect(row).toMatchObject({ rows: 500, body: null });
  expect(script.main.values).toEqual([JSON.stringify(body)]);
});

test.each([
  [[], 0],
  [{}, 1],
  [[{}, {}], 2],
])('%j inserts rows of defaults', async (body, rows) => {
  const answer = await suite.send('POST', '/defaults?select=name,list', { headers: FULL, body });
  expect(answer.json).toEqual(Array.from({ length: rows }, () => ({ name: 'nameless', list: [1, 2] })));
});

test('every type takes the JSON that it was shown as', async () => {
  const { row } = await suite.send('GET', '/all_types?id=lte.2&order=id');
  // As text: numbers of JavaScript are too small for some.
  const body = String(row.body).replaceAll('{"id":1,', '{"id":51,').replaceAll('{"id":2,', '{"id":52,');
  const again = await suite.send('POST', '/all_types', {
    headers: { ...FULL, 'content-type': 'application/json' },
    body,
  });
  expect(again.row.rows).toBe(2);
  expect(again.row.body).toBe(body);
});

test('names that must be quoted are', async () => {
  const { json } = await suite.send('GET', '/with%20space?the%20id=eq.2');
  const [row] = json as [Record<string, unknown>];
  const body = { ...row, 'the id': 3 };
  const inserted = await suite.send('POST', '/with%20space', { headers: FULL, body });
  expect(inserted.json).toEqual([body]);
  const upserted = await suite.send('POST', '/with%20space?on_conflict=%22the%20id%22', {
    headers: { prefer: 'return=representation, resolution=merge-duplicates' },
    body: { ...row, 'quo"te': '"; DROP TABLE api.items; --' },
  });
  expect(upserted.json).toEqual([{ ...row, 'quo"te': '"; DROP TABLE api.items; --' }]);
  const updated = await suite.send('PATCH', '/%3B%20DROP%20TABLE%20api.artists%3B%20--?id=eq.1', {
    headers: FULL,
    body: { "'; --": 'new' },
  });
  expect(updated.json).toEqual([{ id: 1, "'; --": 'new' }]);
});

test('a key that is no column is refused by name', async () => {
  await expect(suite.send('POST', '/items', { body: { id: 1, zzz: 1, nope: 2 } })).rejects.toMatchObject({
    status: 400,
    code: 'PGRST204',
    message: "Could not find the 'nope' column of 'items' in the schema cache",
  });
  await expect(suite.send('PATCH', '/items?columns=id,other', { body: { id: 1 } })).rejects.toMatchObject({
    code: 'PGRST204',
  });
  await expect(suite.send('POST', '/itemz', { body: {} })).rejects.toMatchObject({
    status: 404,
    code: 'PGRST205',
  });
});

test('columns choose which keys count', async () => {
  const { json } = await suite.send('POST', '/items?columns=id,note', {
    headers: FULL,
    body: [
      { id: 300, name: 'ignored', other: 1 },
      { id: 301, note: 'kept' },
    ],
  });
  expect(json).toEqual([
    { id: 300, name: '', note: null },
    { id: 301, name: '', note: 'kept' },
  ]);
});

test('missing keys take the defaults of their columns where that is preferred', async () => {
  const all = 'id,ticket,name,pct,pct_own,flags,list,must,mood';
  const { json } = await suite.send('POST', `/defaults?columns=${all}&select=${all},doubled`, {
    headers: { prefer: 'return=representation, missing=default' },
    body: [
      { name: null, ticket: 7 },
      { mood: 'very happy', list: [], id: 900 },
    ],
  });
  expect(json).toEqual([
    expect.objectContaining({ name: null, ticket: 7, doubled: 14, pct_own: 75, must: 'must', mood: 'calm' }),
    expect.objectContaining({
      id: 900,
      name: 'nameless',
      flags: { new: true },
      list: [],
      mood: 'very happy',
    }),
  ]);
  const [first] = json as [{ id: unknown }];
  expect(first.id).toBeTypeOf('number');
});

test('one object, and an update, take defaults too', async () => {
  const prefer = 'return=representation, missing=default';
  const one = await suite.send('POST', '/defaults?columns=name,must&select=name,must', {
    headers: { prefer },
    body: { must: 'x' },
  });
  expect(one.json).toEqual([{ name: 'nameless', must: 'x' }]);
  const updated = await suite.send('PATCH', '/defaults?columns=name,must&select=name,must', {
    headers: { prefer },
    body: { name: 'new' },
  });
  expect(updated.json).toEqual([{ name: 'new', must: 'must' }]);
});

test('values of domains go through their representations', async () => {
  const { json } = await suite.send('POST', '/palette?select=id,color,seen', {
    headers: FULL,
    body: { id: 9, color: '#0000ff', seen: 1000000000 },
  });
  expect(json).toEqual([{ id: 9, color: '#0000ff', seen: 1000000000 }]);
  const updated = await suite.send('PATCH', '/palette?color=eq.%23ff0000', {
    headers: FULL,
    body: { color: '#00ff00' },
  });
  expect(updated.json).toMatchObject([{ id: 1, color: '#00ff00' }]);
});

test('Location is made of the key of a single row', async () => {
  const headers = { prefer: 'return=headers-only' };
  const location = async (url: string, body: unknown, role?: string) =>
    (await suite.send('POST', url, { headers, body, ...(role === undefined ? {} : { role }) })).row.location;
  expect(await location('/items', { id: 100 })).toBe('id=eq.100');
  expect(await location('/items', [{ id: 100 }, { id: 101 }])).toBeNull();
  expect(await location('/rooms', { number: 5, building: 'ä & b/c' })).toBe(
    'building=eq.%C3%A4%20%26%20b%2Fc&number=eq.5',
  );
  expect(await location('/%C3%9Cn%C3%AF%E2%80%93c%C3%B6d%C3%A9%20%E2%98%83', { clé: '' })).toBe(
    'cl%C3%A9=eq.',
  );
  expect(await location('/visits', { id: 5, day: '2020-02-03' })).toBe('id=eq.5&day=eq.2020-02-03');
  expect(await location('/no_key', { a: 1 })).toBeNull();
});

test('who may insert but not read can insert', async () => {
  const { row } = await suite.send('POST', '/write_only', { body: { id: 1, v: 'x' } });
  expect(row.rows).toBe(1);
  await expect(
    suite.send('POST', '/write_only', { headers: FULL, body: { id: 1, v: 'x' } }),
  ).rejects.toMatchObject({ code: '42501' });
  const some = await suite.send('POST', '/some_columns?select=id,open', {
    headers: FULL,
    body: { id: 2, open: 'x' },
  });
  expect(some.json).toEqual([{ id: 2, open: 'x' }]);
});

test('an upsert tells how many rows are new', async () => {
  const upsert = async (resolution: string, body: unknown, url = '/items') => {
    const headers = { prefer: `return=representation, resolution=${resolution}` };
    const { row, json } = await suite.send('POST', url, { headers, body });
    return { inserted: row.inserted, json };
  };
  const body = [
    { id: 1, name: 'merged' },
    { id: 501, name: 'new' },
    { id: 502, name: 'new' },
  ];
  expect(await upsert('merge-duplicates', body)).toEqual({
    inserted: 2,
    json: [
      { id: 1, name: 'merged', note: 'note 1' },
      { id: 501, name: 'new', note: null },
      { id: 502, name: 'new', note: null },
    ],
  });
  expect((await upsert('merge-duplicates', [{ id: 1, name: 'x' }])).inserted).toBe(0);
  expect(await upsert('ignore-duplicates', body)).toMatchObject({
    inserted: null,
    json: [{ id: 501 }, { id: 502 }],
  });
  expect((await upsert('merge-duplicates', [{ id: 1 }, { id: 700 }])).inserted).toBe(1);
  const named = await upsert(
    'merge-duplicates',
    { id: 1, name: 'Old Hall', city: 'Bern' },
    '/museums?on_conflict=name',
  );
  expect(named).toEqual({ inserted: 0, json: [{ id: 1, name: 'Old Hall', city: 'Bern' }] });
  const parted = await upsert('merge-duplicates', { id: 1, day: '2020-05-01', visitors: 5 }, '/visits');
  expect(parted).toMatchObject({ inserted: 0, json: [{ visitors: 5, museum_id: 1 }] });
});

test('a table without key has nothing to be merged by', async () => {
  const headers = { prefer: 'resolution=merge-duplicates' };
  const { row, plan } = await suite.send('POST', '/no_key', { headers, body: { a: 1 } });
  expect(plan).toMatchObject({ onConflict: null });
  expect(row).toMatchObject({ rows: 1, inserted: null });
});

test('a conflict is looked for in columns that there are', async () => {
  const headers = { prefer: 'resolution=merge-duplicates' };
  await expect(
    suite.send('POST', '/items?on_conflict=nope', { headers, body: { id: 1 } }),
  ).rejects.toMatchObject({
    status: 400,
    code: '42703',
  });
  await expect(
    suite.send('POST', '/items?on_conflict=name', { headers, body: { id: 1 } }),
  ).rejects.toMatchObject({
    code: '42P10',
  });
});

test('odd tables can be written', async () => {
  const nothing = await suite.send('POST', '/nothing', { headers: FULL, body: [{}, {}] });
  expect(nothing.json).toEqual([{}, {}]);
  const long = 'b23456789012345678901234567890123456789012345678901234567890bcd';
  const { json } = await suite.send('POST', `/${long.replace('b', 'a')}`, {
    headers: FULL,
    body: { [long]: 2 },
  });
  expect(json).toEqual([{ [long]: 2 }]);
});

test('a form and CSV are rows', async () => {
  const form = await suite.send('POST', '/items?select=id,name', {
    headers: { ...FULL, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'id=800&name=a%26b',
  });
  expect(form.json).toEqual([{ id: 800, name: 'a&b' }]);
  const csv = await suite.send('POST', '/items', {
    headers: { ...FULL, 'content-type': 'text/csv', accept: 'text/csv' },
    body: 'id,name,note\n810,"a,""b""",NULL\n811,c,\n',
  });
  expect(csv.row.body).toBe('id,name,note\n810,"a,""b""",\n811,c,""');
});
