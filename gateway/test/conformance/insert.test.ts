import { describe, expect, test } from 'vitest';
import { useRest } from './rest-client.ts';

const rest = useRest();

const FULL = 'tx=rollback, return=representation';

describe('insert', () => {
  test('says nothing by default', async () => {
    const answer = await rest.post('/items', {
      body: { id: 100, name: 'new' },
      headers: { prefer: 'tx=rollback' },
    });
    expect([answer.status, answer.body, answer.headers['content-range'], answer.headers.location]).toEqual([
      201,
      '',
      '*/*',
      undefined,
    ]);
    expect(answer.headers['preference-applied']).toBe('tx=rollback');
    expect(await rest.read('/items?id=eq.100')).toEqual([]);
  });
  test('is committed', async () => {
    const answer = await rest.post('/items', { body: { id: 101, name: 'kept' } });
    expect([answer.status, await rest.read('/items?id=eq.101&select=name')]).toEqual([
      201,
      [{ name: 'kept' }],
    ]);
    expect((await rest.del('/items?id=eq.101')).status).toBe(204);
  });
  test('headers-only has a Location', async () => {
    const headers = { prefer: 'tx=rollback, return=headers-only' };
    const answer = await rest.post('/items', { body: { id: 100 }, headers });
    expect([answer.status, answer.body, answer.headers.location]).toEqual([201, '', '/items?id=eq.100']);
    const composite = await rest.post('/rooms', { body: { building: 'C D', number: 4 }, headers });
    expect(composite.headers.location).toBe('/rooms?building=eq.C%20D&number=eq.4');
    const several = await rest.post('/items', { body: [{ id: 100 }, { id: 101 }], headers });
    expect([several.status, several.headers.location]).toEqual([201, undefined]);
    const keyless = await rest.post('/no_key', { body: { a: 9 }, headers });
    expect([keyless.status, keyless.headers.location]).toEqual([201, undefined]);
  });
  test('return=representation, with select, embeds and computed fields', async () => {
    expect(await rest.change('post', '/items', { id: 100, name: 'new' })).toEqual([
      201,
      [{ id: 100, name: 'new', note: null }],
    ]);
    expect(
      await rest.change('post', '/works?select=id,artists(name),title', { id: 50, title: 'T', artist_id: 1 }),
    ).toEqual([201, [{ id: 50, artists: { name: 'Ada Brandt' }, title: 'T' }]]);
    expect(await rest.change('post', '/artists?select=initials,works(id)', { id: 50, name: 'Zed' })).toEqual([
      201,
      [{ initials: 'Z.', works: [] }],
    ]);
  });
  test('one object, when asked for one', async () => {
    const headers = { prefer: FULL, accept: 'application/vnd.pgrst.object+json' };
    const answer = await rest.post('/items?select=id', { body: { id: 100 }, headers });
    expect([answer.status, answer.body]).toEqual([201, { id: 100 }]);
    const two = await rest.post('/items', { body: [{ id: 100 }, { id: 101 }], headers });
    expect([two.status, two.body]).toMatchObject([
      406,
      { code: 'PGRST116', details: 'The result contains 2 rows' },
    ]);
  });
  test('count', async () => {
    const headers = { prefer: 'tx=rollback, count=exact' };
    const answer = await rest.post('/items', { body: [{ id: 100 }, { id: 101 }], headers });
    expect(answer.headers['content-range']).toBe('*/2');
  });
  test('an empty array and an empty object', async () => {
    expect(await rest.change('post', '/items', [])).toEqual([201, []]);
    expect(await rest.change('post', '/defaults?select=name,must,pct_own,list,mood', {})).toEqual([
      201,
      [{ name: 'nameless', must: 'must', pct_own: 75, list: [1, 2], mood: 'calm' }],
    ]);
  });
  test('every kind of value', async () => {
    const row = {
      id: 90,
      ints: [1, null, 3],
      texts: ['a,b', '"q"', null],
      size: { width: 1, height: 2, unit: 'mm' },
      jsb: { deep: [{ a: null }] },
      mood: 'very happy',
      moods: ['calm'],
      bytes: '\\x00ff',
      i4r: '[1,5)',
      bool: false,
      txt: `'; DROP TABLE x; -- $1`,
    };
    const select = Object.keys(row).join(',');
    expect(await rest.change('post', `/all_types?select=${select}`, row)).toEqual([201, [row]]);
    expect(
      await rest.change('post', '/palette?select=color,seen', { id: 9, color: '#00ff00', seen: 0 }),
    ).toEqual([201, [{ color: '#00ff00', seen: 0 }]]);
  });
  test.each([
    [{ name: 'no id' }, 400, '23502'],
    [{ id: 1 }, 409, '23505'],
    [{ id: 'x' }, 400, '22P02'],
    [{ id: 100, nope: 1 }, 400, 'PGRST204'],
    ['{"id":', 400, 'PGRST102'],
    [[{ id: 100 }, { id: 101, name: 'x' }], 400, 'PGRST102'],
  ])('%o is refused', async (body, status, code) => {
    const answer = await rest.post('/items', { body, headers: { prefer: 'tx=rollback' } });
    expect([answer.status, answer.body]).toMatchObject([status, { code }]);
  });
  test('into a missing parent', async () => {
    expect(await rest.change('post', '/frames', { id: 90, work_id: 9999 })).toMatchObject([
      409,
      { code: '23503' },
    ]);
  });
});

describe('bulk insert', () => {
  test('JSON and CSV', async () => {
    expect(
      await rest.change('post', '/items?select=id,name', [
        { id: 100, name: 'a' },
        { id: 101, name: 'b' },
      ]),
    ).toEqual([
      201,
      [
        { id: 100, name: 'a' },
        { id: 101, name: 'b' },
      ],
    ]);
    const headers = { prefer: FULL, 'content-type': 'text/csv' };
    const csv = 'id,name,note\n100,"a,""b""",NULL\n101,,x';
    expect((await rest.post('/items', { body: csv, headers })).body).toEqual([
      { id: 100, name: 'a,"b"', note: null },
      { id: 101, name: '', note: 'x' },
    ]);
    const form = await rest.post('/items', {
      body: 'id=100&name=from+a+form',
      headers: { prefer: FULL, 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(form.body).toEqual([{ id: 100, name: 'from a form', note: null }]);
  });
  test('lines of unequal length, and types that are none of these', async () => {
    const csv = await rest.post('/items', {
      body: 'id,name\n1,a\n2\n',
      headers: { 'content-type': 'text/csv' },
    });
    expect(csv.status).toBe(400);
    const xml = await rest.post('/items', { body: '<a/>', headers: { 'content-type': 'text/xml' } });
    expect([xml.status, xml.body]).toMatchObject([400, { code: 'PGRST102' }]);
  });
  test('columns takes only what it names', async () => {
    expect(
      await rest.change('post', '/items?columns=id,name&select=id,name,note', [
        { id: 100, name: 'a', note: 'ignored', other: 1 },
        { id: 101, name: 'b' },
      ]),
    ).toEqual([
      201,
      [
        { id: 100, name: 'a', note: null },
        { id: 101, name: 'b', note: null },
      ],
    ]);
    expect(await rest.change('post', '/items?columns=id,nope', { id: 100 })).toMatchObject([
      400,
      { code: 'PGRST204', message: "Could not find the 'nope' column of 'items' in the schema cache" },
    ]);
  });
  test('missing=default', async () => {
    const body = [{ ticket: 1 }, { name: 'b', must: 'x' }];
    const path = '/defaults?columns=ticket,name,must&select=ticket,name,must,doubled&order=ticket';
    const headers = { prefer: `${FULL}, missing=default` };
    const answer = await rest.post(path, { body, headers });
    expect([answer.status, answer.body]).toEqual([
      201,
      [
        { ticket: 1, name: 'nameless', must: 'must', doubled: 2 },
        { ticket: expect.any(Number), name: 'b', must: 'x', doubled: expect.any(Number) },
      ],
    ]);
    expect(answer.headers['preference-applied']).toContain('missing=default');
    const nulls = await rest.post(path, { body, headers: { prefer: FULL } });
    expect([nulls.status, nulls.body]).toMatchObject([400, { code: '23502' }]);
  });
});

describe('views', () => {
  test('that Postgres can write, that triggers write, and others', async () => {
    expect(await rest.change('post', '/item_names', { id: 100 })).toEqual([
      201,
      [{ id: 100, name: 'from the view' }],
    ]);
    expect(await rest.change('post', '/triggered', { id: 100, shout: 'LOUD' })).toEqual([
      201,
      [{ id: 100, shout: 'LOUD' }],
    ]);
    expect(await rest.change('post', '/low_items', { id: 100 })).toMatchObject([400, { code: '44000' }]);
    expect(await rest.change('post', '/museum_counts', { id: 100 })).toMatchObject([500, { code: '55000' }]);
  });
});

test('postgrest-js: insert', async () => {
  const items = rest.client().from('items');
  const one = await items.insert({ id: 200, name: 'js' }).select('id, shouted').single();
  expect([one.status, one.data]).toEqual([201, { id: 200, shouted: 'JS' }]);
  const many = await items.insert([{ id: 201, name: 'a' }, { id: 202 }], {
    count: 'exact',
    defaultToNull: false,
  });
  expect([many.error, many.status, many.count]).toEqual([null, 201, 2]);
  const gone = await items.delete().gte('id', 200).select('id,name').order('id');
  expect(gone.data).toEqual([
    { id: 200, name: 'js' },
    { id: 201, name: 'a' },
    { id: 202, name: '' },
  ]);
});
