import { describe, expect, test } from 'vitest';
import { useRest } from './rest-client.ts';

const rest = useRest();

describe('update', () => {
  test('says nothing by default', async () => {
    const answer = await rest.patch('/items?id=lt.3', {
      body: { note: 'x' },
      headers: { prefer: 'tx=rollback' },
    });
    expect([answer.status, answer.body, answer.headers['content-range']]).toEqual([204, '', '0-1/*']);
  });
  test('returns, counts, embeds', async () => {
    const answer = await rest.patch('/items?id=lt.3&select=id,note', {
      body: { note: 'x' },
      headers: { prefer: 'tx=rollback, return=representation, count=exact' },
    });
    expect([answer.status, answer.body, answer.headers['content-range']]).toEqual([
      200,
      [
        { id: 1, note: 'x' },
        { id: 2, note: 'x' },
      ],
      '0-1/2',
    ]);
    expect(await rest.change('patch', '/works?id=eq.1&select=title,artists(name)', { artist_id: 2 })).toEqual(
      [200, [{ title: 'Harbour', artists: { name: 'Ben Okri' } }]],
    );
  });
  test('of nothing', async () => {
    expect(await rest.change('patch', '/items?id=eq.999', { note: 'x' })).toEqual([200, []]);
    const quiet = await rest.patch('/items?id=eq.999', { body: { note: 'x' } });
    expect([quiet.status, quiet.headers['content-range']]).toEqual([204, '*/*']);
    expect(await rest.change('patch', '/items?id=eq.1', {})).toEqual([200, []]);
  });
  test.each([
    ['/works?details->>technique=eq.glass&select=id', { title: 'T' }, [{ id: 4 }]],
    ['/works?or=(id.eq.1,title.eq.Quarry)&select=id', { title: 'T' }, [{ id: 1 }, { id: 2 }]],
    ['/artists?id=eq.1&select=initials', { name: 'Xaver' }, [{ initials: 'X.' }]],
    [
      '/works?id=eq.1&select=tags,size,details',
      { tags: ['a'], size: { width: 1 }, details: null },
      [{ tags: ['a'], size: { width: 1, height: null, unit: null }, details: null }],
    ],
    ['/palette?id=eq.1&select=color', { color: '#000001' }, [{ color: '#000001' }]],
    [
      '/items?id=eq.1&columns=note&select=name,note',
      { name: 'ignored', note: 'x' },
      [{ name: 'item 1', note: 'x' }],
    ],
    ['/item_names?id=eq.1', { name: 'x' }, [{ id: 1, name: 'x' }]],
    ['/triggered?id=eq.1', { shout: 'X' }, [{ id: 1, shout: 'X' }]],
    ['/with%20space?the%20id=eq.1&select=%22a.b%22', { 'a.b': 'new' }, [{ 'a.b': 'new' }]],
  ])('%s', async (path, body, expected) => {
    expect(await rest.change('patch', path, body)).toEqual([200, expected]);
  });
  test('missing=default', async () => {
    const answer = await rest.patch('/defaults?columns=name,ticket&select=name,ticket', {
      body: { ticket: 5 },
      headers: { prefer: 'tx=rollback, return=representation, missing=default' },
    });
    expect([answer.status, answer.body]).toEqual([200, [{ name: 'nameless', ticket: 5 }]]);
  });
  test.each([
    ['/items?id=eq.1', { nope: 1 }, 400, 'PGRST204'],
    ['/items?nope=eq.1', { note: 'x' }, 400, '42703'],
    ['/items?id=eq.1', { id: 2 }, 409, '23505'],
    ['/items?id=eq.1', { name: null }, 400, '23502'],
    ['/defaults?id=eq.10', { doubled: 1 }, 400, '428C9'],
    ['/read_only?id=eq.1', { v: 'x' }, 401, '42501'],
  ])('%s with %o is refused', async (path, body, status, code) => {
    expect(await rest.change('patch', path, body)).toMatchObject([status, { code }]);
  });
});

describe('delete', () => {
  test('says nothing by default', async () => {
    const answer = await rest.del('/items?id=in.(2,3)', { headers: { prefer: 'tx=rollback, count=exact' } });
    expect([answer.status, answer.body, answer.headers['content-range']]).toEqual([204, '', '*/2']);
  });
  test('returns what went', async () => {
    expect(await rest.change('del', '/items?id=in.(2,3)&select=id,shouted&order=id')).toEqual([
      200,
      [
        { id: 2, shouted: 'ITEM 2' },
        { id: 3, shouted: 'ITEM 3' },
      ],
    ]);
    expect(await rest.change('del', '/tours?id=eq.1&select=id,guides(name)')).toEqual([
      200,
      [{ id: 1, guides: { name: 'Ina' } }],
    ]);
    expect(await rest.change('del', '/items?id=eq.999')).toEqual([200, []]);
  });
  test('limits count for nothing, as for updates', async () => {
    const path = '/items?id=in.(2,3)&limit=1&order=id&select=id';
    expect(await rest.change('del', path)).toEqual([200, [{ id: 2 }, { id: 3 }]]);
    expect(await rest.change('patch', path, { note: 'x' })).toEqual([200, [{ id: 2 }, { id: 3 }]]);
  });
  test('of a parent with children', async () => {
    expect(await rest.change('del', '/artists?id=eq.1')).toMatchObject([409, { code: '23503' }]);
  });
  test('through views', async () => {
    expect(await rest.change('del', '/erasable?id=eq.2')).toEqual([200, [{ id: 2, name: 'item 2' }]]);
    expect(await rest.change('del', '/museum_counts?id=eq.1')).toMatchObject([500, { code: '55000' }]);
  });
});

describe('max-affected', () => {
  const strict = 'tx=rollback, handling=strict, max-affected=2';
  test('more is refused and undone', async () => {
    const headers = { prefer: 'handling=strict, max-affected=2' };
    const patched = await rest.patch('/items?id=lt.9', { body: { note: 'never' }, headers });
    expect([patched.status, patched.body]).toEqual([
      400,
      {
        code: 'PGRST124',
        message: 'Query result exceeds max-affected preference constraint',
        details: 'The query affects 8 rows',
        hint: null,
      },
    ]);
    const deleted = await rest.del('/items?id=gt.7', { headers });
    expect(deleted.status).toBe(400);
    expect(await rest.read('/items?note=eq.never&select=id')).toEqual([]);
    expect(await rest.read('/items?id=lt.9&select=id')).toHaveLength(8);
  });
  test('fewer are changed', async () => {
    const answer = await rest.patch('/items?id=lt.3', { body: { note: 'x' }, headers: { prefer: strict } });
    expect([answer.status, answer.headers['preference-applied']]).toEqual([
      204,
      'tx=rollback, handling=strict, max-affected=2',
    ]);
  });
  test('counts for nothing without strict', async () => {
    const answer = await rest.del('/items?id=gt.7', { headers: { prefer: 'tx=rollback, max-affected=2' } });
    expect(answer.status).toBe(204);
  });
  test('functions', async () => {
    const few = await rest.post('/rpc/list_items', { body: {}, headers: { prefer: strict } });
    expect([few.status, few.body]).toMatchObject([400, { code: 'PGRST124' }]);
    const scalar = await rest.post('/rpc/add', { body: { a: 1, b: 2 }, headers: { prefer: strict } });
    expect([scalar.status, scalar.body]).toMatchObject([400, { code: 'PGRST128' }]);
  });
});

test('postgrest-js: update, delete and maxAffected', async () => {
  const items = rest.client().from('items');
  const updated = await items.update({ note: 'js' }).eq('id', 1).select('note').single();
  expect(updated.data).toEqual({ note: 'js' });
  const counted = await items.update({ note: 'note 1' }, { count: 'exact' }).eq('id', 1);
  expect([counted.status, counted.count]).toEqual([204, 1]);
  const refused = await items.delete().gt('id', 9).maxAffected(1);
  expect(refused.error).toMatchObject({ code: 'PGRST124' });
});
