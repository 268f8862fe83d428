import { describe, expect, test } from 'vitest';
import { useRest } from './rest-client.ts';

const rest = useRest();

describe('GET', () => {
  test.each([
    ['/rpc/hello', 'hello'],
    ['/rpc/add?a=1&b=2', 3],
    ['/rpc/add_them?a=1', 111],
    ['/rpc/add_them?a=1&the%20third=5', 16],
    ['/rpc/null_text', null],
    ['/rpc/get_artist?id=1', { id: 1, name: 'Ada Brandt', born: '1871-03-02', mentor_id: null }],
    ['/rpc/list_artists?min_id=3&select=id', [{ id: 3 }, { id: 4 }]],
    ['/rpc/list_artists?name=like.*a*&order=id.desc&limit=1&select=id', [{ id: 4 }]],
    ['/rpc/list_artists?select=id,initials&id=eq.1', [{ id: 1, initials: 'A.' }]],
    ['/rpc/even_numbers?up_to=6', [2, 4, 6]],
    [
      '/rpc/table_of?n=2',
      [
        { i: 1, 'the square': 1 },
        { i: 2, 'the square': 4 },
      ],
    ],
    ['/rpc/table_of?n=3&select=the%20square&i=gt.2', [{ 'the square': 9 }]],
    ['/rpc/table_of_one', [{ only: 'a' }, { only: 'b' }]],
    ['/rpc/two_out?a=3', { sum: 6, product: 9 }],
    ['/rpc/one_out?a=3', { plus_one: 4 }],
    ['/rpc/in_out?a=3', { a: 4, b: 'b!' }],
    ['/rpc/get_size', { width: 1, height: 2, unit: 'cm' }],
    ['/rpc/get_json', { a: [1, null] }],
    ['/rpc/get_array', [1, 2, 3]],
    ['/rpc/get_mood', 'very happy'],
    ['/rpc/function%20with%20space?arg%20one=1', '1'],
    ['/rpc/join_texts?parts=a&parts=b%20c', 'a+b c'],
    ['/rpc/join_texts?parts={a,b}', '{a,b}'],
    ['/rpc/sum_of?first=1&others=2&others=3', 6],
    ['/rpc/sum_of?first=1', 1],
    ['/rpc/overloaded', 'none'],
    ['/rpc/overloaded?a=1', 'a 1'],
    ['/rpc/overloaded?a=1&b=x', 'ab 1x'],
    ['/rpc/overloaded?c=x&select=id', [{ id: 1 }]],
    [
      '/rpc/echo_types?i=9&a={1,2}&m=calm&b=true&d=2020-01-01&vc=abcdef&j={"k":1}',
      {
        i: 9,
        a: [1, 2],
        m: 'calm',
        b: true,
        d: '2020-01-01',
        vc: 'abcdef',
        j: { k: 1 },
      },
    ],
  ])('%s', async (path, expected) => {
    expect(await rest.read(path)).toEqual(expected);
  });
  test('counts and ranges of what a set returns', async () => {
    const answer = await rest.get('/rpc/list_items?limit=5&select=id', {
      headers: { prefer: 'count=exact' },
    });
    expect([answer.status, answer.headers['content-range']]).toEqual([206, '0-4/15']);
    const head = await rest.head('/rpc/list_items', { headers: { prefer: 'count=exact' } });
    expect([head.status, head.headers['content-range'], head.body]).toEqual([200, '0-14/15', '']);
  });
  test('reads only', async () => {
    const answer = await rest.get('/rpc/insert_item?id=100');
    expect([answer.status, answer.body]).toMatchObject([405, { code: '25006' }]);
  });
});

describe('POST', () => {
  test.each([
    ['/rpc/hello', {}, 'hello'],
    ['/rpc/add', { a: 1, b: 2 }, 3],
    ['/rpc/add_them', { a: 1, 'the third': 0 }, 11],
    ['/rpc/list_artists?id=lt.3&select=id&order=id.desc', { min_id: 1 }, [{ id: 2 }, { id: 1 }]],
    ['/rpc/join_texts', { parts: ['a', 'b'] }, 'a+b'],
    ['/rpc/unnamed_json', { any: [1] }, { any: [1] }],
    ['/rpc/unnamed_jsonb', [{ a: 1 }, { a: 2 }], [{ a: 1 }, { a: 2 }]],
    ['/rpc/function%20with%20space', { 'arg one': 1, select: 'x' }, '1x'],
    ['/rpc/with_and_without', { a: 1 }, 'named a'],
    ['/rpc/with_and_without', { b: 1 }, 'unnamed json'],
    ['/rpc/overloaded', { a: 1, b: 'x' }, 'ab 1x'],
    [
      '/rpc/echo_types',
      { i: 1, a: [1], s: { width: 1 }, jb: [null], e: 'a@b' },
      {
        i: 1,
        a: [1],
        s: { width: 1 },
        jb: [null],
        e: 'a@b',
      },
    ],
    ['/rpc/add?columns=a,b', { a: 1, b: 2, c: 3 }, 3],
  ])('%s with %o', async (path, body, expected) => {
    const answer = await rest.post(path, { body });
    expect([answer.status, answer.body]).toEqual([200, expected]);
  });
  test.each([
    ['/rpc/unnamed_text', 'text/plain', 'a "text"', 'a "text"'],
    ['/rpc/add', 'application/x-www-form-urlencoded', 'a=1&b=2', 3],
    ['/rpc/join_texts', 'application/x-www-form-urlencoded', 'parts=a&parts=b', 'a+b'],
  ])('%s with a body of %s', async (path, type, body, expected) => {
    const answer = await rest.post(path, { body, headers: { 'content-type': type } });
    expect([answer.status, answer.body]).toEqual([200, expected]);
  });
  test('bytes in', async () => {
    const body = Uint8Array.from([0, 255, 1]);
    const answer = await rest.post('/rpc/unnamed_bytea', {
      body,
      headers: { 'content-type': 'application/octet-stream' },
    });
    expect([answer.status, answer.body]).toEqual([200, '\\x00ff01']);
  });
  test('void is 204 without a body', async () => {
    const answer = await rest.post('/rpc/nothing_returned', { body: {} });
    expect([answer.status, answer.body, answer.headers['content-type']]).toEqual([204, '', undefined]);
  });
  test('writes', async () => {
    const headers = { prefer: 'tx=rollback' };
    const answer = await rest.post('/rpc/insert_item?select=id,shouted', { body: { id: 100 }, headers });
    expect([answer.status, answer.body]).toEqual([200, [{ id: 100, shouted: 'CALLED' }]]);
    expect(await rest.read('/items?id=eq.100')).toEqual([]);
  });
  test('one object', async () => {
    const headers = { accept: 'application/vnd.pgrst.object+json' };
    const one = await rest.post('/rpc/list_artists?id=eq.1&select=id', { body: {}, headers });
    expect([one.status, one.body]).toEqual([200, { id: 1 }]);
    const many = await rest.post('/rpc/list_artists', { body: {}, headers });
    expect([many.status, many.body]).toMatchObject([406, { code: 'PGRST116' }]);
  });
  test('settings of the function hold while it runs', async () => {
    const answer = await rest.post('/rpc/with_settings', { body: {} });
    expect(answer.body).toEqual({ isolation: 'serializable', app: 'a=b, "c"' });
  });
});

describe('functions that cannot be called', () => {
  test.each([
    ['/rpc/nowhere', 404, 'PGRST202'],
    ['/rpc/add?a=1', 404, 'PGRST202'],
    ['/rpc/add?a=1&b=2&c=3', 404, 'PGRST202'],
    ['/rpc/torn?a=1', 300, 'PGRST203'],
    ['/rpc/unreachable', 404, 'PGRST202'],
    ['/rpc/a_trigger', 404, 'PGRST202'],
    ['/rpc/a_procedure', 404, 'PGRST202'],
    ['/rpc/an_aggregate', 404, 'PGRST202'],
    ['/rpc/forbidden', 401, '42501'],
    ['/rpc/add?a=x&b=1', 400, '22P02'],
    ['/rpc/hello/there', 404, 'PGRST125'],
    ['/rpc/add?a=1&b=2&%20=eq.1', 400, '42703'],
  ])('%s', async (path, status, code) => {
    expect(await rest.read(path)).toMatchObject({ status, body: { code } });
  });
  test('the message says what was looked for', async () => {
    expect(await rest.read('/rpc/add?a=1')).toEqual({
      status: 404,
      body: {
        code: 'PGRST202',
        message: 'Could not find the function api.add(a) in the schema cache',
        details:
          'Searched for the function api.add with parameter a, but no matches were found in the schema cache.',
        hint: 'Perhaps you meant to call the function api.add(a, b)',
      },
    });
    const { body } = await rest.post('/rpc/ad', { body: { a: 1, b: 2 } });
    expect(body).toMatchObject({
      message: 'Could not find the function api.ad(a, b) in the schema cache',
      details:
        'Searched for the function api.ad with parameters a, b or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache.',
    });
  });
  test('other methods', async () => {
    const answers = await Promise.all([rest.patch('/rpc/hello', { body: {} }), rest.del('/rpc/hello')]);
    expect(answers.map(({ status, body }) => [status, body])).toMatchObject([
      [405, { code: 'PGRST101' }],
      [405, { code: 'PGRST101' }],
    ]);
  });
});

test('postgrest-js: rpc', async () => {
  const client = rest.client();
  const scalar = await client.rpc('add', { a: 1, b: 2 });
  const read = await client.rpc('add', { a: 1, b: 2 }, { get: true });
  const set = await client.rpc('list_artists', { min_id: 2 }).select('id, works(id)').eq('id', 2);
  const counted = await client.rpc('list_items', {}, { head: true, count: 'exact' });
  expect([scalar.data, read.data, set.data, counted.count]).toEqual([
    3,
    3,
    [{ id: 2, works: [{ id: 3 }] }],
    15,
  ]);
});
