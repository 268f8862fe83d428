import { describe, expect, test } from 'vitest';
import { useScriptSuite } from './script-suite.ts';

const suite = useScriptSuite();
const get = async (url: string, headers: Record<string, string> = {}) =>
  (await suite.send('GET', url, { headers })).json;
const post = async (url: string, body?: unknown, headers: Record<string, string> = {}) =>
  (await suite.send('POST', url, { headers, body })).json;

describe('arguments', () => {
  test('come by their names, from the query string, a form or an object', async () => {
    expect(await get('/rpc/add?a=1&b=2')).toBe(3);
    expect(await post('/rpc/add', { b: 2, a: 1 })).toBe(3);
    expect(await post('/rpc/add', 'a=1&b=2', { 'content-type': 'application/x-www-form-urlencoded' })).toBe(
      3,
    );
    expect(
      await post('/rpc/add', [
        { a: 1, b: 2 },
        { a: 5, b: 5 },
      ]),
    ).toBe(3);
    expect(await post('/rpc/function%20with%20space', { 'arg one': 1, select: '"; --' })).toBe('1"; --');
    expect(await post('/rpc/add?columns=a,b', { a: 1, b: 2, c: 3 })).toBe(3);
  });

  test('that are absent take their defaults', async () => {
    expect(await get('/rpc/add_them?a=1')).toBe(111);
    expect(await get('/rpc/add_them?a=1&the%20third=0')).toBe(11);
    expect(await post('/rpc/add_them', { a: 1, b: null })).toBeNull();
    expect(await post('/rpc/hello')).toBe('hello');
    expect(await post('/rpc/hello', {})).toBe('hello');
  });

  test('the last of several texts for one name counts', async () => {
    expect(await get('/rpc/add?a=1&b=2&b=5')).toBe(6);
  });

  test('of a variadic parameter are as many as there are', async () => {
    expect(await get('/rpc/join_texts?parts=a&parts=b%22%2C%5C&parts=')).toBe('a+b",\\+');
    expect(await get('/rpc/join_texts?parts=a')).toBe('a');
    expect(await post('/rpc/join_texts', { parts: ['x', 'y,z', null] })).toBe('x+y,z');
    expect(await post('/rpc/sum_of', { first: 1, others: [2, 3] })).toBe(6);
    expect(await get('/rpc/sum_of?first=1&others=2&others=3')).toBe(6);
    expect(await get('/rpc/sum_of?first=1')).toBe(1);
  });

  test('of every type arrive by both ways', async () => {
    const body = {
      i: 1,
      n: 1.5,
      t: "'",
      c: 'xy',
      vc: 'long text',
      b: true,
      a: [1, 2],
      j: { a: [] },
      jb: [1],
      m: 'calm',
      e: 'a@b',
    };
    expect(
      await post('/rpc/echo_types', { ...body, s: { width: 1, height: 2, unit: 'm' }, d: '2024-01-01' }),
    ).toEqual({
      ...body,
      s: { width: 1, height: 2, unit: 'm' },
      d: '2024-01-01',
    });
    expect(
      await get('/rpc/echo_types?i=1&t=%27&a=%7B1,2%7D&j=%7B%22a%22:1%7D&m=very%20happy&s=(1,2,m)&bits=101'),
    ).toEqual({
      i: 1,
      t: "'",
      a: [1, 2],
      j: { a: 1 },
      m: 'very happy',
      s: { width: 1, height: 2, unit: 'm' },
      bits: '101',
    });
    await expect(get('/rpc/echo_types?i=x')).rejects.toMatchObject({ code: '22P02' });
  });

  test('a whole body is the one unnamed argument', async () => {
    const text = { 'content-type': 'text/plain' };
    expect(await post('/rpc/unnamed_json', { a: [1] })).toEqual({ a: [1] });
    expect(await post('/rpc/unnamed_jsonb', [{ a: 1 }])).toEqual([{ a: 1 }]);
    expect(await post('/rpc/unnamed_text', 'ü "x"\n', text)).toBe('ü "x"\n');
    expect(await post('/rpc/unnamed_text', '', text)).toBe('');
    expect(await post('/rpc/unnamed_xml', '<a/>', { 'content-type': 'text/xml' })).toBe('<a/>');
    const bytes = await post('/rpc/unnamed_bytea', Buffer.from([0, 255, 92]), {
      'content-type': 'application/octet-stream',
    });
    expect(bytes).toBe('\\x00ff5c');
    expect(await post('/rpc/with_and_without', { a: 1 })).toBe('named a');
    expect(await post('/rpc/with_and_without', { b: 1 })).toBe('unnamed json');
  });
});

describe('the function', () => {
  test('is the overload that takes these arguments', async () => {
    expect(await get('/rpc/overloaded')).toBe('none');
    expect(await get('/rpc/overloaded?a=1')).toBe('a 1');
    expect(await post('/rpc/overloaded', { a: 1, b: 'x' })).toBe('ab 1x');
    expect(await post('/rpc/overloaded', { c: '' })).toMatchObject([{ id: 1 }]);
  });

  test('is not chosen where several would do', async () => {
    await expect(get('/rpc/torn?a=1')).rejects.toMatchObject({
      status: 300,
      code: 'PGRST203',
      message:
        'Could not choose the best candidate function between: api.torn(a => integer), api.torn(a => text)',
    });
  });

  test('that is none is told with what was searched for', async () => {
    await expect(get('/rpc/ad?a=1')).rejects.toMatchObject({
      status: 404,
      code: 'PGRST202',
      message: 'Could not find the function api.ad(a) in the schema cache',
      details:
        'Searched for the function api.ad with parameter a, but no matches were found in the schema cache.',
      hint: 'Perhaps you meant to call the function api.add',
    });
    await expect(post('/rpc/add', { a: 1, bb: 2 })).rejects.toMatchObject({
      message: 'Could not find the function api.add(a, bb) in the schema cache',
      details:
        'Searched for the function api.add with parameters a, bb or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache.',
      hint: 'Perhaps you meant to call the function api.add(a, b)',
    });
    await expect(get('/rpc/add')).rejects.toMatchObject({
      message: 'Could not find the function api.add without parameters in the schema cache',
    });
    await expect(post('/rpc/hello', 'x', { 'content-type': 'text/plain' })).rejects.toMatchObject({
      message: 'Could not find the function api.hello in the schema cache',
      details:
        'Searched for the function api.hello with a single unnamed text parameter, but no matches were found in the schema cache.',
      hint: null,
    });
    for (const name of [
      'unnamed_integer',
      'unnamed_two',
      'a_trigger',
      'a_procedure',
      'an_aggregate',
      'unreachable',
    ]) {
      await expect(post(`/rpc/${name}`, {})).rejects.toMatchObject({ code: 'PGRST202' });
    }
  });

  test('may belong to another role, and does not write by GET', async () => {
    await expect(get('/rpc/forbidden')).rejects.toMatchObject({ code: '42501' });
    await expect(get('/rpc/insert_item?id=5000')).rejects.toMatchObject({ code: '25006' });
    expect(await post('/rpc/insert_item', { id: 5000 })).toEqual([{ id: 5000, name: 'called', note: null }]);
    const { plan } = await suite.send('POST', '/rpc/hello');
    expect(plan.access).toBe('read only');
  });
});

describe('results', () => {
  test.each([
    ['/rpc/null_text', null],
    ['/rpc/get_json', { a: [1, null] }],
    ['/rpc/get_array', [1, 2, 3]],
    ['/rpc/get_mood', 'very happy'],
    ['/rpc/even_numbers?up_to=6', [2, 4, 6]],
    ['/rpc/even_numbers?up_to=1', []],
    ['/rpc/get_size', { width: 1, height: 2, unit: 'cm' }],
    ['/rpc/two_out?a=3', { sum: 6, product: 9 }],
    ['/rpc/one_out?a=3', { plus_one: 4 }],
    ['/rpc/in_out?a=1', { a: 2, b: 'b!' }],
    [
      '/rpc/table_of?n=2',
      [
        { i: 1, 'the square': 1 },
        { i: 2, 'the square': 4 },
      ],
    ],
    ['/rpc/table_of_one', [{ only: 'a' }, { only: 'b' }]],
    [
      '/rpc/loose_records',
      [
        { id: 1, name: 'item 1', note: 'note 1' },
        { id: 2, name: 'item 2', note: 'note 2' },
      ],
    ],
    ['/rpc/domain_row', { id: 1, name: 'Ada Brandt', born: '1871-03-02', mentor_id: null }],
    ['/rpc/get_artist?id=1&select=name', { name: 'Ada Brandt' }],
    ['/rpc/get_artist?id=999', { id: null, name: null, born: null, mentor_id: null }],
    ['/rpc/table_of?n=3&i=gt.1&select=sq:%22the%20square%22&order=i.desc&limit=1', [{ sq: 9 }]],
  ])('%s', async (url, expected) => {
    expect(await get(url)).toEqual(expected);
  });

  test('void shows nothing', async () => {
    const { row, plan } = await suite.send('POST', '/rpc/nothing_returned');
    expect(plan.body).toEqual({ kind: 'none' });
    expect(row).toMatchObject({ rows: 1, body: null });
  });

  test('of a table are read like the table', async () => {
    const url =
      '/rpc/list_artists?select=name,works(title),initials,pupils(id)&id=lt.3&order=name.desc&works.order=title.desc';
    const { json, row } = await suite.send('GET', url, { headers: { prefer: 'count=exact' } });
    expect(json).toEqual([
      { name: 'Ben Okri', works: [{ title: 'Untitled (3)' }], initials: 'B.', pupils: [{ id: 4 }] },
      {
        name: 'Ada Brandt',
        works: [{ title: 'Quarry' }, { title: 'Harbour' }],
        initials: 'A.',
        pupils: [{ id: 2 }, { id: 3 }],
      },
    ]);
    expect(row).toMatchObject({ rows: 2, total: 2 });
    const limited = await suite.send('GET', '/rpc/list_items?limit=2&offset=1&id=gt.1', {
      headers: { prefer: 'count=exact' },
    });
    expect(limited.row).toMatchObject({ rows: 2, total: 14 });
    expect(await get('/rpc/list_artists?min_id=4&works=is.null&select=id,works()')).toEqual([{ id: 4 }]);
    expect(await get('/rpc/list_items?select=*,always_true,shouted&limit=1&order=name_vector')).toEqual([
      { id: 1, name: 'item 1', note: 'note 1', always_true: true, shouted: 'ITEM 1' },
    ]);
  });

  test('are one object where one is asked for', async () => {
    const one = { accept: 'application/vnd.pgrst.object+json' };
    expect(await get('/rpc/list_artists?id=eq.1&select=id', one)).toEqual({ id: 1 });
    expect(await get('/rpc/add?a=1&b=2', one)).toBe(3);
  });

  test('keep to max-affected, if they are sets', async () => {
    const strict = { prefer: 'handling=strict, max-affected=1' };
    await expect(post('/rpc/insert_item', { id: 1 }, strict)).rejects.toMatchObject({ code: '23505' });
    expect(await post('/rpc/insert_item', { id: 5001 }, strict)).toHaveLength(1);
    await expect(post('/rpc/hello', {}, strict)).rejects.toMatchObject({
      status: 400,
      code: 'PGRST128',
    });
  });
});

test('a simple function is inlined, filters and all', async () => {
  const { explain } = await suite.send('GET', '/rpc/list_items?id=eq.1', {
    headers: { accept: 'application/vnd.pgrst.plan' },
  });
  expect(explain).toContain('Filter: (id = 1)');
  expect(explain).not.toContain('Function Scan');
});

test('what a function sets about the response comes back', async () => {
  const status = await suite.send('POST', '/rpc/set_status', { body: { status: '418' } });
  expect(status.row.responseStatus).toBe('418');
  const headers = await suite.send('POST', '/rpc/set_headers');
  expect(headers.row.responseHeaders).toContain('X-One');
  const after = await suite.send('POST', '/rpc/hello');
  expect(after.row).toMatchObject({ responseHeaders: null, responseStatus: null });
});
