import { describe, expect, test } from 'vitest';
import { useRest } from './rest-client.ts';

const rest = useRest();

const MERGE = 'tx=rollback, return=representation, resolution=merge-duplicates';
const IGNORE = 'tx=rollback, return=representation, resolution=ignore-duplicates';

describe('upsert', () => {
  test('merges by the primary key', async () => {
    const body = [
      { id: 1, name: 'changed' },
      { id: 100, name: 'new' },
    ];
    const answer = await rest.post('/items?select=id,name,note', { body, headers: { prefer: MERGE } });
    expect([answer.status, answer.body]).toEqual([
      201,
      [
        { id: 1, name: 'changed', note: 'note 1' },
        { id: 100, name: 'new', note: null },
      ],
    ]);
    expect(answer.headers['preference-applied']).toContain('resolution=merge-duplicates');
  });
  test('is 200 where nothing was new', async () => {
    const answer = await rest.post('/items?select=name', {
      body: { id: 1, name: 'x' },
      headers: { prefer: MERGE },
    });
    expect([answer.status, answer.body]).toEqual([200, [{ name: 'x' }]]);
  });
  test('ignores', async () => {
    const body = [
      { id: 1, name: 'changed' },
      { id: 100, name: 'new' },
    ];
    const answer = await rest.post('/items?select=id,name', { body, headers: { prefer: IGNORE } });
    expect([answer.status, answer.body]).toEqual([201, [{ id: 100, name: 'new' }]]);
  });
  test('on_conflict names another key', async () => {
    const body = { id: 70, name: 'Old Hall', city: 'Bern' };
    const merged = await rest.post('/museums?on_conflict=name&columns=name,city,id&select=name,city', {
      body: { ...body, id: 1 },
      headers: { prefer: MERGE },
    });
    expect([merged.status, merged.body]).toEqual([200, [{ name: 'Old Hall', city: 'Bern' }]]);
    const ignored = await rest.post('/museums?on_conflict=name', { body, headers: { prefer: IGNORE } });
    expect([ignored.status, ignored.body]).toEqual([201, []]);
    const composite = await rest.post('/rooms?on_conflict=building,number', {
      body: { building: 'A', number: 1, area: 1 },
      headers: { prefer: MERGE },
    });
    expect(composite.body).toEqual([{ building: 'A', number: 1, area: 1 }]);
    const unfit = await rest.post('/museums?on_conflict=city', { body, headers: { prefer: MERGE } });
    expect([unfit.status, unfit.body]).toMatchObject([400, { code: '42P10' }]);
  });
  test('missing=default fills new rows', async () => {
    const body = [{ id: 300 }, { id: 301, name: 'x' }];
    const answer = await rest.post('/defaults?columns=id,name&select=id,name', {
      body,
      headers: { prefer: `${MERGE}, missing=default` },
    });
    expect(answer.body).toEqual([
      { id: 300, name: 'nameless' },
      { id: 301, name: 'x' },
    ]);
  });
});

describe('PUT', () => {
  const headers = { prefer: 'tx=rollback, return=representation' };
  test('replaces and creates', async () => {
    const replaced = await rest.put('/items?id=eq.1', { body: { id: 1, name: 'put', note: null }, headers });
    expect([replaced.status, replaced.body]).toEqual([200, [{ id: 1, name: 'put', note: null }]]);
    const created = await rest.put('/items?id=eq.100', { body: { id: 100, name: 'put' }, headers });
    expect([created.status, created.body]).toEqual([201, [{ id: 100, name: 'put', note: null }]]);
    const quiet = await rest.put('/items?id=eq.1', { body: { id: 1 }, headers: { prefer: 'tx=rollback' } });
    expect([quiet.status, quiet.body]).toEqual([204, '']);
    const composite = await rest.put('/rooms?building=eq.A&number=eq.1', {
      body: { building: 'A', number: 1, area: 9 },
      headers,
    });
    expect(composite.body).toEqual([{ building: 'A', number: 1, area: 9 }]);
  });
  test.each([
    ['/items', { id: 1 }, 405, 'PGRST105'],
    ['/items?id=gt.1', { id: 1 }, 405, 'PGRST105'],
    ['/items?id=eq.1&name=eq.x', { id: 1 }, 405, 'PGRST105'],
    ['/rooms?building=eq.A', { building: 'A', number: 1 }, 405, 'PGRST105'],
    ['/items?id=eq.1', { id: 2 }, 400, 'PGRST115'],
    ['/items?id=eq.1&limit=1', { id: 1 }, 400, 'PGRST114'],
    ['/no_key?a=eq.1', { a: 1 }, 405, 'PGRST105'],
  ])('%s with %o is refused', async (path, body, status, code) => {
    const answer = await rest.put(path, { body, headers });
    expect([answer.status, answer.body]).toMatchObject([status, { code }]);
  });
});

test('postgrest-js: upsert', async () => {
  const items = rest.client().from('items');
  const merged = await items.upsert({ id: 1, name: 'item 1' }).select('id').single();
  expect([merged.status, merged.data]).toEqual([200, { id: 1 }]);
  const ignored = await items.upsert({ id: 1, name: 'other' }, { ignoreDuplicates: true }).select();
  expect([ignored.status, ignored.data]).toEqual([201, []]);
  const by = await rest
    .client()
    .from('museums')
    .upsert({ id: 1, name: 'Old Hall', city: 'Basel' }, { onConflict: 'name' })
    .select('city');
  expect(by.data).toEqual([{ city: 'Basel' }]);
});
